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
# want: cache/apt-get
RUN <<EOT mksh
apt-get install -y clang
EOT
# want: cache/apt-get
RUN cat <<EOT | bash -ex
apt-get install -y clang
EOT
# want: cache/apt-get
RUN set -e; bash -s <<'EOT'
apt-get install -y clang
EOT
RUN cat <<EOT | tee /notes
apt-get install -y clang
EOT
RUN bash /script <<EOT
apt-get install -y clang
EOT
