FROM ruby AS setting
ENV BUNDLE_DEPLOYMENT=1
RUN bundle install
FROM ruby AS command
RUN bundle config set --global frozen true && bundle install
FROM command
RUN bundle install
FROM ruby
# want: locked/Gemfile.lock
RUN bundle install
