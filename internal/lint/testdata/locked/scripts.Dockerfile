FROM debian
# want: locked/runs_whatever_the_server_sends
RUN sh -c "$(curl -fsSL https://example.com/install.sh)" -- --yes
# want: locked/runs_whatever_the_server_sends
RUN sudo bash -euo pipefail -c "$(wget -qO- https://example.com/install.sh)"
# want: locked/runs_whatever_the_server_sends
RUN bash <(curl -fsSL https://example.com/install.sh) --yes
# want: locked/runs_whatever_the_server_sends
RUN eval "$(curl -fsSL https://example.com/env)"
# Values and files that a script is given are no scripts.
RUN sh -c "echo $(curl https://example.com/version)"
RUN bash install.sh --version "$(curl https://example.com/version)" <(curl https://example.com/list)
RUN VERSION="$(curl https://example.com/version)" && echo "$VERSION" && source <(cat env)
