FROM node:24
# want: locked/yarn
RUN yarn --cwd web install
# want: locked/pnpm
RUN pnpm --filter web install
# want: locked/may_change_the_lockfile
RUN npm --prefix web install
# want: locked/may_change_the_lockfile
RUN npm install --prefix web
# want: locked/cargo
RUN cargo +nightly build
# want: locked/latest
RUN gem install rake --source https://rubygems.org
RUN npm install -g corepack@0.31.0 --registry https://registry.example.com
RUN gem install rake:13.2 --source https://rubygems.org && gem install rails -v 7.1
RUN yarn -v && cargo +nightly build --locked && pip install --timeout 60 flask==3.1.2
