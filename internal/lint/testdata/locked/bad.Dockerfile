FROM node:24
# want: locked/npm_install
RUN npm install
# want: locked/npm_install_-g
RUN npm install -g typescript
# want: locked/yarn
RUN yarn
# want: locked/pip_install_--no-cache-dir
RUN pip install --no-cache-dir -r requirements.txt
# want: locked/pip3_install_flask
RUN pip3 install flask gunicorn==23.0.0
# want: locked/curl
RUN curl -fsSL https://example.com/install.sh | sh
# want: locked/ADD
ADD https://example.com/x.tar.gz /x
# want: locked/go_install
RUN go install example.com/x@latest
# want: locked/cargo_build
RUN cargo build --release
# want: locked/uv_sync
RUN uv sync --no-dev
