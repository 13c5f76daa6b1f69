FROM debian:trixie-slim
# want: cache/apt-get
RUN <<EOT bash
apt-get install -y clang
EOT
# want: cache/apt-get
RUN /bin/bash -eo pipefail <<EOT
apt-get install -y clang
EOT
# want: cache/apt-get
RUN <<-EOT /usr/bin/env sh -x
	apt-get install -y clang
EOT
RUN <<EOT python3
apt-get install -y clang
EOT
RUN cat > /notes <<'EOT'
x
EOT
