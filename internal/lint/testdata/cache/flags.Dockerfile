FROM node:24
# want: cache/apt-get
RUN apt-get -o Acquire::Retries=3 install curl
# want: cache/yarn
RUN yarn --cwd web install
# want: cache/pnpm
RUN pnpm --filter web install
# want: cache/npm
RUN npm --prefix web ci
# want: cache/go_-C
RUN go -C cmd build
# want: cache/cargo
RUN cargo +nightly build
# want: cache/go_build_-v
RUN go build -v ./...
# want: cache/pip_install_-v
RUN pip install -v flask
# want: cache/gem
RUN gem install rails -v 7.1
# want: cache/cargo_install
RUN cargo install --version 1.2.3 x
# want: cache/mvn_-V
RUN mvn -V package
RUN yarn -v && yarn --version && mvn -v && gradle --version && go build --help && npm install --version
RUN yarn --cwd web build && pnpm --filter web build && apt-get -o Debug::x=1 update && go -C cmd mod download
RUN apt-get install -o Dpkg::Options::=--force-confold ./x.deb
