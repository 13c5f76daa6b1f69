#!/bin/sh
# Tests dockerfiles/bin/with-secrets, in a container: it writes to /run/secrets and /root.
# with-secrets-test.sh PATH-TO-WITH-SECRETS
set -eu

with_secrets=$1
mkdir -p /run/secrets /root/.config/go /root/.config/pip /root/.config/uv
failed=0

# sees VARIABLE VALUE: what a command run by with-secrets finds in its environment; - stands for unset.
sees() {
    value=$("$with_secrets" sh -c "printf %s \"\${$1--}\"")
    if [ "$value" != "$2" ]; then
        echo "$1 is '$value', want '$2'; secrets: $(find /run/secrets -type f -size +0 | tr '\n' ' ')" >&2
        failed=1
    fi
}

# place NAME: where a Dockerfile mounts that secret.
place() {
    case $1 in
    goenv) echo /root/.config/go/env ;;
    netrc | npmrc) echo "/root/.$1" ;;
    pip) echo /root/.config/pip/pip.conf ;;
    uv) echo /root/.config/uv/uv.toml ;;
    *) echo "/run/secrets/$1" ;;
    esac
}

all="ca debian-mirror goenv netrc npmrc pip uv"
secrets() {
    for name in $all; do rm -f "$(place "$name")"; done
    for name in "$@"; do echo content >"$(place "$name")"; done
}

# names WORDS: how a command that fails lists the secrets.
names() {
    said=$("$with_secrets" sh -c 'exit 7' 2>&1) || true
    [ "${said%%
*}" = "with-secrets: sh failed (exit status 7) with these secrets: $1" ] || { echo "a failure says '$said', want '$1'" >&2; failed=1; }
}

secrets
sees SSL_CERT_FILE -
sees APT_CONFIG -
names none

for name in $all; do : >"$(place "$name")"; done
sees SSL_CERT_FILE -
sees APT_CONFIG -
names none

secrets goenv netrc npmrc pip uv
sees SSL_CERT_FILE -
sees APT_CONFIG -
names "goenv netrc npmrc pip uv"

secrets ca
for variable in SSL_CERT_FILE NODE_EXTRA_CA_CERTS npm_config_cafile PIP_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE \
    GIT_SSL_CAINFO CARGO_HTTP_CAINFO; do
    sees "$variable" /run/secrets/ca
done
names ca

secrets ca
said=$("$with_secrets" apt-config shell CA Acquire::https::CAInfo)
[ "$said" = "CA='/run/secrets/ca'" ] || { echo "apt-config says '$said'" >&2; failed=1; }

sources() { find /etc/apt -name '*.list' -o -name '*.sources' | sort | xargs cat; }

# apt_asks MIRROR: apt asks only MIRROR, and the system's own sources stay.
apt_asks() {
    before=$(sources)
    asked=$("$with_secrets" apt-get update --print-uris | sed "s,^',,; s,/dists/.*,," | sort -u | tr '\n' ' ')
    [ "$asked" = "$1/debian $1/debian-security " ] || { echo "apt asks '$asked', want those below $1" >&2; failed=1; }
    [ "$before" = "$(sources)" ] || { echo "apt's sources changed" >&2; failed=1; }
}
secrets
printf 'https://mirror.example.com/all/' >/run/secrets/debian-mirror
apt_asks https://mirror.example.com/all
printf 'https://me:a%%2Fb&@mirror.example.com:8/all' >/run/secrets/debian-mirror
apt_asks https://mirror.example.com:8/all
# shellcheck disable=SC2016 # the inner shell expands it
said=$("$with_secrets" sh -c 'cat "$(dirname "$APT_CONFIG")/netrc"; apt-config dump Dir::Etc::netrc' | tr '\n' ' ')
case $said in
'machine https://mirror.example.com:8 login me password a/b& Dir::Etc::netrc "/dev/shm/'*) ;;
*) echo "apt's netrc says '$said'" >&2; failed=1 ;;
esac

"$with_secrets" 2>/dev/null && { echo "no command is no error" >&2; failed=1; }
status=0
"$with_secrets" sh -c 'exit 7' || status=$?
[ "$status" = 7 ] || { echo "a command's exit code 7 became $status" >&2; failed=1; }
[ "$("$with_secrets" printf '%s|' 'a b' '' c)" = 'a b||c|' ] || { echo "arguments are not kept as they are" >&2; failed=1; }

exit "$failed"
