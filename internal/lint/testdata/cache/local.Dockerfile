FROM ruby:3.4-slim
RUN gem install --local /tmp/tool-1.2.gem && bundle install --local
RUN pip install --no-index --find-links=/wheels app && pip install --no-deps ./app.whl && apk add --no-network x
# want: cache/gem
RUN gem install /tmp/tool-1.2.gem
# want: cache/pip
RUN pip install ./app.whl
