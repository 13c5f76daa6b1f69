package shell

import "strings"

// Flags of pip, which uv and pipx share; python's own are among them, because pip is run by it too.
const pipFlags = "-r --requirement -c --constraint -t --target -i --index-url --extra-index-url --prefix -w --wheel-dir --trusted-host --root " +
	"-m -f --find-links --python -p --index --default-index --index-strategy --python-preference --python-platform --python-version " +
	"-e --editable --cache-dir --cert --client-cert --proxy --timeout --retries --log --progress-bar --no-binary --only-binary --platform " +
	"--implementation --abi --src --upgrade-strategy --root-user-action --config-settings --global-option -W -X " +
	"--directory --project --config-file --extra --group --no-group --only-group --package --link-mode --output-file -o --keyring-provider " +
	"--exclude-newer --resolution --pip-args --suffix"

// valued are programs, and which of their flags take a value in the next word, so that it is neither a verb nor a package.
var valued = func() map[string][]string {
	all := map[string][]string{}
	for names, flags := range map[string]string{
		"apt-get apt aptitude":         "-o --option -c --config-file -t --target-release --default-release -a --host-architecture",
		"apk":                          "-p --root -X --repository --arch --keys-dir --repositories-file --cache-dir --cache-max-age --timeout --wait -t --virtual",
		"dnf yum microdnf tdnf":        "-c --config --installroot --releasever --setopt --enablerepo --disablerepo --repo --repoid -x --exclude",
		"zypper":                       "-R --root -c --config -r --repo -p --plus-repo -D --reposd-dir -C --cache-dir --installroot --releasever -t --type",
		"pip pip2 pip3 pipx uv python": pipFlags,
		"poetry":                       "-C --directory -P --project --only --with --without -E --extras -G --group",
		"pipenv":                       "--python --categories --extra-pip-args",
		"npm": "--prefix -C --registry --cache -w --workspace --loglevel --userconfig --globalconfig --fetch-retries --fetch-timeout " +
			"--fetch-retry-mintimeout --fetch-retry-maxtimeout --network-timeout --maxsockets --omit --include --only --also --tag --before --arch " +
			"--os --cpu --libc --target --install-strategy --location --script-shell --node-options --otp --scope",
		"yarn": "--cwd --cache-folder --registry --network-timeout --network-concurrency --modules-folder --mutex --preferred-cache-folder " +
			"--global-folder --prefix --proxy --https-proxy --mode",
		"pnpm": "--filter -F --filter-prod --dir -C --store-dir --registry --reporter --workspace-concurrency --network-concurrency --loglevel " +
			"--virtual-store-dir --modules-dir --package-import-method",
		"bun":                    "--cwd --filter -F --registry --cache-dir --backend --config -c --omit --cafile",
		"go":                     "-C -o -p -tags -ldflags -gcflags -asmflags -gccgoflags -mod -modfile -overlay -buildmode -pkgdir -installsuffix -toolexec -exec -pgo -covermode -coverpkg",
		"cargo xx-cargo":         "--manifest-path --target --target-dir -p --package -F --features --profile --bin --example --color --config -Z -j --jobs --message-format --git --branch --tag --rev --version --vers --path --root --registry --index --exclude -C",
		"mvn mvnw":               "-f --file -s --settings -gs --global-settings -pl --projects -P --activate-profiles -T --threads -l --log-file",
		"gradle gradlew":         "-p --project-dir -b --build-file -c --settings-file -g --gradle-user-home -x --exclude-task -I --init-script",
		"bundle bundler":         "--gemfile -j --jobs --retry --path --without --with",
		"gem":                    "-v --version -s --source -i --install-dir -n --bindir --platform -P --trust-policy --without --build-root",
		"composer":               "-d --working-dir --ignore-platform-req --prefer-install",
		"mix":                    "--only -i --include-children",
		"conda mamba micromamba": "-c --channel -n --name -p --prefix -f --file --solver -r --root-prefix --platform",
		"dotnet":                 "-c --configuration -o --output -r --runtime -f --framework -v --verbosity -s --source -a --arch --os --configfile --packages",
	} {
		for name := range strings.FieldsSeq(names) {
			all[name] = strings.Fields(flags)
		}
	}
	return all
}()

// takeValue are the flags of a program that take a value in the next word.
func takeValue(program string) []string {
	if strings.HasPrefix(program, "python") {
		program = "python"
	}
	return valued[program]
}

// OnlyPrints reports whether a command prints something, such as its version, its help or what it would do, and does nothing.
func OnlyPrints(c Command) bool {
	if IsApt(c) && c.Has("-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act", "--print-uris") {
		return true
	}
	rest := len(c.Operands())
	return c.Has("-h", "--help") || rest <= 1 && c.Has("--version") || rest == 0 && c.Has("-v", "-V")
}
