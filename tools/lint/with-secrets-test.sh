#!/bin/sh
# Tests dockerfiles/bin/with-secrets, in a container: it writes to /run/secrets.
# with-secrets-test.sh PATH-TO-WITH-SECRETS
set -eu

with_secrets=$1
mkdir -p /run/secrets
failed=0

# sees VARIABLE VALUE: what a command run by with-secrets finds in its environment; - stands for unset.
sees() {
    value=$("$with_secrets" sh -c "printf %s \"\${$1--}\"")
    if [ "$value" != "$2" ]; then
        echo "$1 is '$value', want '$2'; secrets: $(find /run/secrets -type f -size +0 | tr '\n' ' ')" >&2
        failed=1
    fi
}

secrets() {
    rm -f /run/secrets/*
    for name in "$@"; do echo content >"/run/secrets/$name"; done
}

secrets
for variable in SSL_CERT_FILE APT_CONFIG NETRC NPM_CONFIG_USERCONFIG UV_CONFIG_FILE; do sees "$variable" -; done

for name in ca netrc npmrc uv; do : >"/run/secrets/$name"; done
for variable in SSL_CERT_FILE APT_CONFIG NETRC NPM_CONFIG_USERCONFIG UV_CONFIG_FILE; do sees "$variable" -; done

secrets ca
for variable in SSL_CERT_FILE NODE_EXTRA_CA_CERTS npm_config_cafile PIP_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE \
    GIT_SSL_CAINFO CARGO_HTTP_CAINFO; do
    sees "$variable" /run/secrets/ca
done
sees NETRC -

secrets netrc npmrc uv
sees SSL_CERT_FILE -
sees NETRC /run/secrets/netrc
sees NPM_CONFIG_USERCONFIG /run/secrets/npmrc
sees UV_CONFIG_FILE /run/secrets/uv

secrets ca
settings=$("$with_secrets" apt-config shell CA Acquire::https::CAInfo)
[ "$settings" = "CA='/run/secrets/ca'" ] || { echo "apt-config says '$settings'" >&2; failed=1; }

"$with_secrets" 2>/dev/null && { echo "no command is no error" >&2; failed=1; }
status=0
"$with_secrets" sh -c 'exit 7' || status=$?
[ "$status" = 7 ] || { echo "a command's exit code 7 became $status" >&2; failed=1; }
[ "$("$with_secrets" printf '%s|' 'a b' '' c)" = 'a b||c|' ] || { echo "arguments are not kept as they are" >&2; failed=1; }

exit "$failed"
