FROM node:24
RUN npm ci && npm install -g npm@11.0.0 && npm run install
RUN yarn install --immutable && yarn build && yarn --version
RUN pnpm install --frozen-lockfile
RUN npm install -g ./tool.tgz
RUN pip install --require-hashes -r requirements.txt
RUN pip install --upgrade pip setuptools && pip install . && pip install --no-index --find-links=/wheels app && pip install flask==3.1.2
RUN uv sync --locked && uv pip install --require-hashes -r requirements.txt
RUN go mod download && go install example.com/x@v1.2.3 && go build ./...
RUN cargo build --locked --release && cargo fmt
RUN curl -fsSLo x.tar.gz https://example.com/x.tar.gz && echo "abc x.tar.gz" | sha256sum -c -
RUN curl https://example.com/x | tar -x
ADD --checksum=sha256:0000000000000000000000000000000000000000000000000000000000000000 https://example.com/x.tar.gz /x
ADD https://github.com/example/x.git#0123456789012345678901234567890123456789 /y
ADD x.tar.gz /z
RUN apt-get update && apt-get install -y curl
