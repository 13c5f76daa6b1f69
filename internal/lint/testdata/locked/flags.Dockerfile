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
# want: locked/yarn_global_add
RUN yarn global add serve
# want: locked/xx-cargo
RUN xx-cargo build --release
# want: locked/cargo_install
RUN cargo install cargo-chef && cargo chef cook --release
# want: locked/mix_deps.get
RUN mix deps.get --only prod
# want: locked/mamba_install
RUN mamba install -y -c conda-forge python=3.13 numpy
# want: locked/composer_global_require
RUN composer global require drush/drush
# want: locked/bundle_install
RUN bundle install --jobs 4
RUN yarn global add serve@14.2.4 && yarn global bin && xx-cargo build --locked && mix deps.get --check-locked && composer install
RUN conda install -y numpy=2.3.5 && conda env create -f environment.yaml && micromamba create -n x -f lock.txt && composer require a/b:1.2
RUN npm install -g $TOOLS
