#!/usr/bin/env bash
# The story of a team: from a clone of this repository to the first merge of upstream, with the commands that a team types.
#
#   docs/tour.sh           all of it, in about 15 minutes on two cores once images have been built here before
#   docs/tour.sh -short    without images and containers, in about 2 minutes
#
# It works in a folder of its own, from the last commit here, and removes that folder at the end.
set -euo pipefail

short=${1:-}
here=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
name=tour-$$ # of the project, so that its images and containers are nobody else's
dev=         # the process of mage dev

# Who commits, for the repositories of the tour.
export GIT_AUTHOR_NAME=Tour GIT_AUTHOR_EMAIL=tour@example.com GIT_COMMITTER_NAME=Tour GIT_COMMITTER_EMAIL=tour@example.com

# step begins a step, and shows how long the last one took.
began=
step() {
    [ -z "$began" ] || printf '=== %ds\n' "$((SECONDS - began))"
    began=$SECONDS
    printf '\n=== %s\n' "$1"
}

mage() { go tool mage "$@"; }

commit() { git add --all && git commit --quiet --message="$1"; }

# edit FILE OLD NEW replaces a text that the file must have.
edit() {
    local text
    text=$(<"$1")
    case $text in
    *"$2"*) printf '%s\n' "${text/"$2"/"$3"}" >"$1" ;;
    *) echo "tour: $1 has no \"$2\"" >&2 && return 1 ;;
    esac
}

# same WHAT GOT WANT
same() { [ "$2" = "$3" ] || { echo "tour: $1 is \"$2\", expected \"$3\"" >&2 && return 1; }; }

finish() {
    local status=$?
    [ -z "$dev" ] || stop_dev || true
    if [ -z "$short" ] && eval "$(mage engine:env 2>/dev/null)"; then
        for image in $(docker image ls --format '{{.Repository}}:{{.Tag}}' "$name/*"); do
            docker image rm "$image" >"$place/removed" || true
        done
    fi
    cd / && rm -rf "$place"
    [ "$status" = 0 ] && echo "=== the tour took ${SECONDS}s" || echo "=== the tour ended after ${SECONDS}s: exit status $status" >&2
}
trap finish EXIT

# stop_dev does what Ctrl-C does in a terminal.
stop_dev() {
    kill -INT -- "-$dev"
    wait "$dev"
    dev=
}

step "A clone, which keeps the place it came from as upstream"
git clone --quiet "$here" "$place/upstream"
git -C "$place/upstream" switch --quiet --force-create=main
git clone --quiet --origin=upstream "$place/upstream" "$place/team"
cd "$place/team"

step "The team's own name"
mage rename -name="$name" -module=github.com/acme/shop
commit "Our name"

step "A service in each language, made from the samples"
mage new -name=orders -from=hello-go
mage new -name=gate -from=hello-c
mage new -name=shelf -from=hello-node
mage new -name=reports -from=hello-python
commit "Four services"

step "All samples but one go, and so do the examples"
for sample in hello-c hello-node hello-python; do
    mage remove -name=$sample
    commit "Without $sample"
done
git rm -r --quiet examples
GOWORK=off mage render
commit "Without examples"

step "Code that services share: a library, used by one of them"
mkdir libs/money
cat >libs/money/go.mod <<'END'
module github.com/acme/shop/libs/money

go 1.26.0
END
cat >libs/money/money.go <<'END'
// Package money writes amounts of money.
package money

import "fmt"

// Format is an amount of cents in euros.
func Format(cents int) string {
	return fmt.Sprintf("%d.%02d", cents/100, cents%100)
}
END
edit services/orders/service.yaml 'uses: [libs/go]' 'uses: [libs/go, libs/money]'
edit services/orders/main.go 'r.Get("/", greet)' $'r.Get("/", greet)\n\tr.Get("/total", total)'
edit services/orders/main.go '"github.com/acme/shop/libs/go/service"' $'"github.com/acme/shop/libs/go/service"\n\t"github.com/acme/shop/libs/money"'
cat >>services/orders/main.go <<'END'

func total(w http.ResponseWriter, _ *http.Request) {
	service.Text(w, money.Format(4200)+"\n")
}
END
(
    cd services/orders
    export GOWORK=off
    go mod edit -require=github.com/acme/shop/libs/money@v0.0.0 -replace=github.com/acme/shop/libs/money=../../libs/money
    go mod tidy
    go test ./...
)
mage render
commit "Orders have a total"

step "A pull request changes one line of the library: it affects the one service that uses it"
git switch --quiet --create=euros
edit libs/money/money.go '%d.%02d' '%d.%02d EUR'
mage affected -since=main
same "what is affected" "$(mage affected -since=main -json | sed -n 's/^ *"name": "\(.*\)",*$/\1/p')" orders
commit "Amounts have a currency"
if [ -z "$short" ]; then
    mage build -since=main
    mage test:service -name=orders
fi
git switch --quiet main
git merge --quiet euros

if [ -z "$short" ]; then
    step "All services run"
    set -m # in a process group of its own, as in a terminal
    go tool mage dev >"$place/dev.log" 2>&1 &
    dev=$!
    set +m
    until address=$(sed -n 's/^orders  *\(http:.*\)/\1/p' "$place/dev.log") && [ -n "$address" ] && total=$(curl --fail --silent "$address/total"); do
        kill -0 "$dev" 2>/dev/null || { cat "$place/dev.log" && exit 1; }
        sleep 1
    done
    same "the total" "$total" "42.00 EUR"
    grep 'http://' "$place/dev.log"
    stop_dev
fi

step "Meanwhile upstream: a template, the tooling, a page, a sample that the team has removed"
(
    cd "$place/upstream"
    edit dockerfiles/go.Dockerfile '# toolchain: ' '# toolchain, as of the next release: '
    edit internal/version/version.go 'package version' $'package version // of the tooling'
    edit docs/services.md '# Bring your own service' '# Bring a service of your own'
    echo 'More about it.' >>services/hello-c/README.md
    echo '# New' >services/hello-node/NEWS.md
    mage render
    commit "The next release"
)

step "The team merges that"
git fetch --quiet upstream
mage upgrade
same "what is left to stage" "$(git diff --name-only)" ""
git commit --quiet --no-edit
grep --quiet 'as of the next release' services/orders/Dockerfile
services=(services/*)
same "what is in services/" "${services[*]#*/}" "gate hello-go orders reports shelf"
same "what is rendered" "$(mage render)" "every rendered file is up to date"
GOWORK=off go -C services/orders test ./...
if [ -z "$short" ]; then
    mage lint
    mage build
    mage test:service -name=orders
fi
