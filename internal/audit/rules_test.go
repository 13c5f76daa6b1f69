package audit

import (
	"debug/elf"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/elffile/elftest"
	"example.com/stagecraft/internal/owners"
)

// imageCase is an image and what a rule says of it: nothing for a good one.
type imageCase struct {
	name    string
	image   func(t *testing.T) fakeImage
	foreign bool // the image belongs to no service
	service func(s *catalog.Service)
	before  []owners.Contributor
	want    []string // parts of the findings, in order
}

// withFiles is an image with a static program and more files, by path.
func withFiles(files map[string]file, change ...func(c *v1.Config)) func(t *testing.T) fakeImage {
	return func(t *testing.T) fakeImage {
		all := map[string]file{"/demo": exe(elftest.File{Note: `{"type":"deb","name":"demo","version":"1.0"}`}.Bytes(t))}
		for p, f := range files {
			all[p] = f
		}
		c := goodConfig()
		for _, do := range change {
			do(&c)
		}
		return fakeImage{layers: []map[string]file{all}, config: c}
	}
}

func elfFileOf(t *testing.T, f elftest.File) file { return exe(f.Bytes(t)) }

const (
	ld   = "/lib64/ld-linux-x86-64.so.2"
	musl = "/lib/ld-musl-x86_64.so.1"
)

// dynamic is an image whose program is linked dynamically.
func dynamic(program elftest.File, libraries map[string]elftest.File, more ...func(f *fakeImage)) func(t *testing.T) fakeImage {
	return func(t *testing.T) fakeImage {
		if program.Interpreter == "" {
			program.Interpreter = ld
		}
		files := map[string]file{"/demo": elfFileOf(t, program), program.Interpreter: elfFileOf(t, elftest.File{Soname: program.Interpreter})}
		for p, l := range libraries {
			files[p] = elfFileOf(t, l)
		}
		f := fakeImage{layers: []map[string]file{files}, config: goodConfig()}
		for _, do := range more {
			do(&f)
		}
		return f
	}
}

var imageCases = map[*rule][]imageCase{
	arch: {
		{name: "the same machine", image: withFiles(nil)},
		{name: "a program for kernels is for all", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{"/p.o": elfFileOf(t, elftest.File{Machine: elf.EM_BPF})})(t)
		}},
		{name: "an object file runs nowhere", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{"/x.o": elfFileOf(t, elftest.File{Machine: elf.EM_AARCH64, Kind: elf.ET_REL})})(t)
		}},
		{name: "amd64 in arm64", image: func(t *testing.T) fakeImage {
			f := withFiles(nil)(t)
			f.arch = "arm64"
			return f
		}, want: []string{"/demo: is for amd64, the image for arm64"}},
		{name: "a library of another machine", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{"/app/x.node": elfFileOf(t, elftest.File{Machine: elf.EM_AARCH64})})(t)
		}, want: []string{"/app/x.node: is for arm64, the image for amd64"}},
		{
			name: "a damaged file", image: withFiles(map[string]file{"/x": {content: elf.ELFMAG + strings.Repeat("x", 100)}}),
			want: []string{"/x: begins as an ELF file and is not one"},
		},
		{name: "section headers that nobody reads are wrong", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{"/x": elfFileOf(t, elftest.File{Misplaced: true})})(t)
		}},
		{name: "a file that was cut off", image: func(t *testing.T) fakeImage {
			whole := elftest.File{Pad: 1000}.Bytes(t)
			return withFiles(map[string]file{"/x": exe(whole[:len(whole)/2])})(t)
		}, want: []string{"/x: begins as an ELF file and is not one"}},
	},
	loads: {
		{name: "static", image: withFiles(nil)},
		{name: "in a default folder of Debian", image: dynamic(elftest.File{Needed: []string{"libx.so.1"}}, map[string]elftest.File{"/usr/lib/x86_64-linux-gnu/libx.so.1": {Soname: "libx.so.1"}})},
		{name: "next to it, by RUNPATH and $ORIGIN", image: dynamic(elftest.File{}, map[string]elftest.File{
			"/opt/app/demo": {Interpreter: ld, Needed: []string{"libx.so.1"}, Runpath: "$ORIGIN/lib"}, "/opt/app/lib/libx.so.1": {},
		})},
		{
			name: "no section headers", image: dynamic(elftest.File{Needed: []string{"libx.so.1"}, Stripped: true}, nil),
			want: []string{"/demo: needs libx.so.1, which the linker does not find"},
		},
		{
			name: "section headers that are wrong", image: dynamic(elftest.File{Needed: []string{"libx.so.1", "liby.so"}, Misplaced: true, Runpath: "/opt"}, map[string]elftest.File{"/opt/liby.so": {Stripped: true}}),
			want: []string{"/demo: needs libx.so.1, which the linker does not find"},
		},
		{name: "RPATH holds for what is loaded below", image: dynamic(elftest.File{Needed: []string{"liba.so"}, Rpath: "/opt/lib"},
			map[string]elftest.File{"/opt/lib/liba.so": {Needed: []string{"libb.so"}}, "/opt/lib/libb.so": {}})},
		{
			name: "RUNPATH does not", image: dynamic(elftest.File{Needed: []string{"liba.so"}, Runpath: "/opt/lib"},
				map[string]elftest.File{"/opt/lib/liba.so": {Needed: []string{"libb.so"}}, "/opt/lib/libb.so": {}}),
			want: []string{"/opt/lib/liba.so: needs libb.so, which the linker does not find, though the image has a file of that name"},
		},
		{name: "LD_LIBRARY_PATH", image: dynamic(elftest.File{Needed: []string{"liba.so"}}, map[string]elftest.File{"/opt/liba.so": {}},
			func(f *fakeImage) { f.config.Env = append(f.config.Env, "LD_LIBRARY_PATH=/opt") })},
		{
			name: "LD_LIBRARY_PATH comes before RUNPATH", image: dynamic(elftest.File{Needed: []string{"liba.so"}, Runpath: "/opt/runpath"}, map[string]elftest.File{
				"/opt/env/liba.so": {Needed: []string{"libb.so"}}, "/opt/runpath/liba.so": {}, "/opt/elsewhere/libb.so": {},
			}, func(f *fakeImage) { f.config.Env = append(f.config.Env, "LD_LIBRARY_PATH=/opt/env") }),
			want: []string{"/opt/env/liba.so: needs libb.so, which the linker does not find"},
		},
		{
			name: "RPATH comes before LD_LIBRARY_PATH", image: dynamic(elftest.File{Needed: []string{"liba.so"}, Rpath: "/opt/rpath"}, map[string]elftest.File{
				"/opt/rpath/liba.so": {Needed: []string{"libb.so"}}, "/opt/env/liba.so": {}, "/opt/elsewhere/libb.so": {},
			}, func(f *fakeImage) { f.config.Env = append(f.config.Env, "LD_LIBRARY_PATH=/opt/env") }),
			want: []string{"/opt/rpath/liba.so: needs libb.so, which the linker does not find"},
		},
		{name: "ldconfig's cache", image: dynamic(elftest.File{Needed: []string{"liba.so"}}, map[string]elftest.File{"/usr/local/lib/liba.so": {}},
			func(f *fakeImage) {
				f.layers[0]["/etc/ld.so.cache"] = file{content: "glibc-ld.so.cache1.1\x00\x01\x02liba.so\x00/usr/local/lib/liba.so\x00"}
			})},
		{
			name: "ld.so.conf without the cache", image: dynamic(elftest.File{Needed: []string{"liba.so"}}, map[string]elftest.File{"/usr/local/lib/liba.so": {}},
				func(f *fakeImage) { f.layers[0]["/etc/ld.so.conf"] = file{content: "/usr/local/lib\n"} }),
			want: []string{"/demo: needs liba.so, which the linker does not find, though"},
		},
		{name: "a library of another machine is passed over", image: dynamic(elftest.File{Needed: []string{"liba.so"}},
			map[string]elftest.File{"/usr/lib/liba.so": {Machine: elf.EM_AARCH64}}), want: []string{"/demo: needs liba.so"}},
		{name: "by a link", image: dynamic(elftest.File{Needed: []string{"liba.so.1"}}, map[string]elftest.File{"/usr/lib/liba.so.1.2": {}},
			func(f *fakeImage) { f.layers[0]["/usr/lib/liba.so.1"] = file{link: "liba.so.1.2"} })},
		{name: "by a link that leads nowhere", image: dynamic(elftest.File{Needed: []string{"liba.so.1"}}, nil,
			func(f *fakeImage) { f.layers[0]["/usr/lib/liba.so.1"] = file{link: "liba.so.1.2"} }), want: []string{"/demo: needs liba.so.1"}},
		{
			name: "missing, transitively", image: dynamic(elftest.File{Needed: []string{"liba.so"}}, map[string]elftest.File{"/usr/lib/liba.so": {Needed: []string{"libb.so"}}}),
			want: []string{"/usr/lib/liba.so: needs libb.so, which the linker does not find"},
		},
		{name: "a program without its interpreter", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{"/x": elfFileOf(t, elftest.File{Interpreter: ld})})(t)
		}, want: []string{"/x: needs the interpreter " + ld}},
		{name: "a plug-in whose host has loaded what it needs", image: dynamic(elftest.File{}, map[string]elftest.File{
			"/opt/jvm/lib/libnet.so": {Needed: []string{"libjvm.so"}}, "/opt/jvm/lib/server/libjvm.so": {},
		})},
		{
			name: "a plug-in that needs what is nowhere", image: dynamic(elftest.File{}, map[string]elftest.File{"/app/x.node": {Needed: []string{"libpq.so.5"}}}),
			want: []string{"/app/x.node: needs libpq.so.5"},
		},
		{
			name: "a library that Python opens by name", image: withFiles(map[string]file{
				"/app/p/python_magic-0.4.dist-info/RECORD": {content: "magic.py,,\n"}, "/app/p/python_magic-0.4.dist-info/METADATA": {content: "Name: python_Magic\nVersion: 0.4\n"},
				"/app/p/other-1.dist-info/RECORD": {content: "other.py,,\n"},
			}),
			want: []string{"/app/p/python_magic-0.4.dist-info: python-magic opens libmagic by name when it is imported"},
		},
		{name: "a library that a wheel brings for itself", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{
				"/app/p/soundfile-0.13.dist-info/RECORD": {content: "soundfile.py,,\n"}, "/app/p/_soundfile_data/libsndfile_x86_64.so": elfFileOf(t, elftest.File{}),
			})(t)
		}},
		{name: "a library of another machine is not loaded", image: dynamic(elftest.File{}, map[string]elftest.File{"/app/x.node": {Machine: elf.EM_AARCH64, Needed: []string{"libpq.so.5"}}})},
		{name: "musl is its own libc", image: dynamic(elftest.File{Interpreter: musl, Needed: []string{"libc.musl-x86_64.so.1"}}, nil)},
		{name: "RUNPATH of musl is for what is loaded below too", image: dynamic(elftest.File{Interpreter: musl, Needed: []string{"liba.so"}, Runpath: "/opt/lib"},
			map[string]elftest.File{"/opt/lib/liba.so": {Needed: []string{"libb.so"}, Runpath: "/opt/none"}, "/opt/lib/libb.so": {}})},
		{name: "musl's own path file", image: dynamic(elftest.File{Interpreter: musl, Needed: []string{"liba.so", "libb.so"}}, map[string]elftest.File{"/opt/a/liba.so": {}, "/opt/b/libb.so": {}},
			func(f *fakeImage) {
				f.layers[0]["/etc/ld-musl-x86_64.path"] = file{content: "/opt/a:/opt/none\n/opt/b\n"}
			})},
		{
			name: "musl's path file replaces its default", image: dynamic(elftest.File{Interpreter: musl, Needed: []string{"liba.so"}}, map[string]elftest.File{"/usr/local/lib/liba.so": {}},
				func(f *fakeImage) { f.layers[0]["/etc/ld-musl-x86_64.path"] = file{content: "/opt/a"} }),
			want: []string{"/demo: needs liba.so, which the linker does not find"},
		},
		{
			name: "a wheel for glibc on musl", image: dynamic(elftest.File{Interpreter: musl}, map[string]elftest.File{"/app/x.so": {Needed: []string{"libc.so.6"}}}),
			want: []string{"/app/x.so: is built for glibc (needs libc.so.6), and the image has musl"},
		},
		{name: "a program for musl that stays unused in an image of glibc", image: dynamic(elftest.File{Needed: []string{"libc.so.6"}}, map[string]elftest.File{
			"/usr/lib/x86_64-linux-gnu/libc.so.6": {}, "/app/glibc": {Interpreter: ld, Needed: []string{"libc.so.6"}}, "/app/musl": {Interpreter: musl},
			"/app/x.so": {Needed: []string{"libc.so"}},
		}), want: []string{"/app/musl: needs the interpreter " + musl, "/app/x.so: needs libc.so, which the linker does not find"}},
		{name: "a program for glibc that stays unused in an image of musl", image: dynamic(elftest.File{Interpreter: musl}, map[string]elftest.File{
			"/app/glibc": {Interpreter: ld, Needed: []string{"libc.so.6"}}, "/app/x.so": {Needed: []string{"libc.so.6"}},
		}), want: []string{"/app/glibc: needs the interpreter " + ld, "/app/x.so: is built for glibc (needs libc.so.6), and the image has musl"}},
		{name: "each with its own linker", image: dynamic(elftest.File{Needed: []string{"libc.so.6"}}, map[string]elftest.File{
			"/usr/lib/x86_64-linux-gnu/libc.so.6": {}, "/app/musl": {Interpreter: musl, Needed: []string{"libc.musl-x86_64.so.1", "libx.so"}}, musl: {},
			"/usr/local/lib/libx.so": {},
		})},
		{name: "what most programs have, where a static one is started", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{
				ld: elfFileOf(t, elftest.File{}), musl: elfFileOf(t, elftest.File{}), "/bin/a": elfFileOf(t, elftest.File{Interpreter: ld}),
				"/bin/b": elfFileOf(t, elftest.File{Interpreter: musl}), "/bin/c": elfFileOf(t, elftest.File{Interpreter: musl}), "/app/x.so": elfFileOf(t, elftest.File{Needed: []string{"libc.so"}}),
			})(t)
		}},
		{name: "Alpine's gcompat", image: dynamic(elftest.File{Interpreter: musl}, map[string]elftest.File{
			ld: {}, "/lib/libgcompat.so.0": {}, "/app/glibc": {Interpreter: ld, Needed: []string{"libc.so.6", "libpthread.so.0", "libx.so"}}, "/usr/local/lib/libx.so": {},
		})},
		{name: "Alpine's libc6-compat", image: dynamic(elftest.File{Interpreter: musl}, map[string]elftest.File{"/app/glibc": {Interpreter: ld, Needed: []string{"libc.so.6"}}},
			func(f *fakeImage) { f.layers[0][ld] = file{link: musl} })},
		{name: "a glibc in a folder of its own", image: dynamic(elftest.File{Interpreter: musl}, map[string]elftest.File{
			"/app/glibc": {Interpreter: ld, Needed: []string{"libc.so.6"}}, "/opt/glibc/lib/ld.so": {}, "/opt/glibc/lib/libc.so.6": {},
		}, func(f *fakeImage) { f.layers[0][ld] = file{link: "/opt/glibc/lib/ld.so"} })},
		{name: "scripts with the line ends of Windows", image: withFiles(map[string]file{
			"/app/a": {content: "#!/bin/tool\r\n", mode: 0o755}, "/app/b": {content: "#!/bin/tool -x\r", mode: 0o755}, "/bin/tool": {content: "x", mode: 0o755},
			"/app/c": {content: "#!/bin/env -S tool\r\n", mode: 0o755}, "/bin/env": {content: "x", mode: 0o755}, "/app/d": {content: "#!/bin/tool\n\r\n", mode: 0o755},
			"/app/e": {content: "#!/bin/env tool\r\n", mode: 0o755},
		}), want: []string{"/app/a: is a script whose first line ends in CR LF", "/app/b: is a script whose first line ends in CR LF", "/app/e: is a script whose first line ends in CR LF"}},
		{name: "a script and its interpreter", image: withFiles(map[string]file{
			"/app/run": {content: "#!/bin/tool\n", mode: 0o755}, "/bin/tool": {content: "x", mode: 0o755}, "/data": {content: "#!/bin/none\n"},
		})},
		{
			name: "a script without", image: withFiles(map[string]file{"/app/run": {content: "#!/bin/tool -x\n", mode: 0o755}}),
			want: []string{"/app/run: is a script for /bin/tool"},
		},
		{name: "env finds it in PATH", image: withFiles(map[string]file{
			"/app/run": {content: "#!/usr/bin/env -S node --x\n", mode: 0o755}, "/usr/bin/env": {content: "x", mode: 0o755}, "/usr/local/bin/node": {content: "x", mode: 0o755},
		})},
		{name: "env finds nothing", image: withFiles(map[string]file{
			"/app/run": {content: "#!/usr/bin/env node\n", mode: 0o755}, "/usr/bin/env": {content: "x", mode: 0o755},
		}), want: []string{"/app/run: is a script for node"}},
		{
			name: "no env", image: withFiles(map[string]file{"/app/run": {content: "#!/usr/bin/env node", mode: 0o755}}),
			want: []string{"/app/run: is a script for /usr/bin/env"},
		},
		{
			name: "starts what is not there", image: withFiles(nil, func(c *v1.Config) { c.Entrypoint = []string{"/server"} }),
			want: []string{": ENTRYPOINT starts /server, which is not in the image"},
		},
		{name: "starts from PATH", image: withFiles(map[string]file{"/usr/bin/x": {content: "x", mode: 0o755}}, func(c *v1.Config) { c.Entrypoint = []string{"x"} })},
		{
			name: "another command starts what is not there", image: withFiles(nil),
			service: func(s *catalog.Service) { s.Commands = map[string][]string{"migrate": {"/migrate"}} },
			want:    []string{": commands.migrate starts /migrate, which is not in the image"},
		},
		{name: "starts from no folder of PATH", image: withFiles(nil, func(c *v1.Config) { c.Entrypoint = []string{"x"} }), want: []string{": ENTRYPOINT starts x"}},
		{name: "starts from the working folder", image: withFiles(map[string]file{"/app/x": {content: "x", mode: 0o755}},
			func(c *v1.Config) { c.Entrypoint, c.WorkingDir = []string{"./x"}, "/app" })},
		{
			name: "starts what the user may not", image: withFiles(map[string]file{"/x": {content: "x", mode: 0o700}}, func(c *v1.Config) { c.Entrypoint = []string{"/x"} }),
			want: []string{"/x: ENTRYPOINT starts it, and the image's user may not execute it"},
		},
		{
			name: "starts from a folder that the user may not search", image: withFiles(map[string]file{"/opt": {dir: true, mode: 0o700}, "/opt/bin/x": {content: "x", mode: 0o755}},
				func(c *v1.Config) { c.Entrypoint = []string{"/opt/bin/x"} }),
			want: []string{"/opt: leads to /opt/bin/x, and the image's user may not search this folder"},
		},
		{
			name: "starts by a link through such a folder", image: withFiles(map[string]file{"/opt": {dir: true, mode: 0o700}, "/opt/link": {link: "/x"}, "/x": {content: "x", mode: 0o755}, "/usr/bin/x": {link: "/opt/link"}},
				func(c *v1.Config) { c.Entrypoint = []string{"x"} }),
			want: []string{"/opt: leads to /usr/bin/x"},
		},
		{name: "root starts from anywhere", image: withFiles(map[string]file{"/opt": {dir: true, mode: 0o700, uid: 7}, "/opt/x": {content: "#!/demo\n", mode: 0o100}},
			func(c *v1.Config) { c.User, c.Entrypoint = "0", []string{"/opt/x"} })},
		{
			name: "starts a script that the user may not read", image: withFiles(map[string]file{"/x": {content: "#!/demo\n", mode: 0o711}}, func(c *v1.Config) { c.Entrypoint = []string{"/x"} }),
			want: []string{"/x: ENTRYPOINT starts it, and the image's user may not read it"},
		},
		{name: "a program need not be readable", image: withFiles(map[string]file{"/x": {content: "x", mode: 0o711}}, func(c *v1.Config) { c.Entrypoint = []string{"/x"} })},
		{
			name: "starts a script whose interpreter the user may not execute", image: withFiles(map[string]file{"/x": {content: "#!/tool\n", mode: 0o755}, "/tool": {content: "x", mode: 0o744}},
				func(c *v1.Config) { c.Entrypoint = []string{"/x"} }),
			want: []string{"/tool: ENTRYPOINT starts it, as the interpreter of /x, and the image's user may not execute it"},
		},
		{
			name: "a linker that the user may not execute", image: dynamic(elftest.File{}, nil, func(f *fakeImage) {
				linker := f.layers[0][ld]
				linker.mode = 0o644
				f.layers[0][ld] = linker
			}),
			want: []string{ld + ": ENTRYPOINT starts it, as the interpreter of /demo, and the image's user may not execute it", ld + ": HEALTHCHECK starts it"},
		},
		{
			name: "names a file that the user may not read", image: withFiles(map[string]file{"/app/x.js": {content: "x", mode: 0o600}, "/app/private": {dir: true, mode: 0o700}}, func(c *v1.Config) { c.Cmd = []string{"/app/x.js", "/app", "/app/private"} }),
			want: []string{"/app/x.js: ENTRYPOINT names it, and the image's user may not read it"},
		},
		{name: "starts what the user's group may", image: withFiles(map[string]file{"/x": {content: "x", mode: 0o750, gid: 20}, "/etc/passwd": {content: "app:x:10:20::/:\n"}},
			func(c *v1.Config) { c.User, c.Entrypoint = "10", []string{"/x"} })},
		{
			name: "watches with what is not there", image: withFiles(nil, func(c *v1.Config) { c.Healthcheck.Test[1] = "/bin/curl" }),
			want: []string{": HEALTHCHECK starts /bin/curl"},
		},
		{name: "starts nothing", image: withFiles(nil, func(c *v1.Config) { c.Entrypoint = nil }), want: []string{": starts nothing"}},
		{name: "a base starts nothing", image: withFiles(nil, func(c *v1.Config) { c.Entrypoint, c.Healthcheck = nil, nil }), foreign: true},
	},
	lean: {
		{name: "licences and code stay", image: withFiles(map[string]file{
			"/usr/share/doc/libc6/copyright": {content: some}, "/app/LICENSE.md": {content: some}, "/app/node_modules/a/LICENSE.md": {content: "x"}, "/app/node_modules/test/index.js": {content: "x"},
			"/app/test.js": {content: "x"}, "/usr/lib/python3.13/test.pyc": {content: "x"}, "/app/README.js": {content: "x"}, "/bin/sh": {link: "/demo"},
			"/app/sh": {content: "x"}, "/var/cache/empty": {},
		})},
		{name: "one of each kind", image: withFiles(map[string]file{
			"/bin/sh": {content: "x"}, "/usr/bin/apt-get": {content: "x"}, "/usr/bin/x86_64-linux-gnu-gcc-14": {content: "x"}, "/usr/include/a.h": {content: some},
			"/usr/lib/libx.a": {content: some}, "/usr/share/man/man1/a.1": {content: some}, "/var/cache/apt/x": {content: some}, "/app/.git/HEAD": {content: some},
			"/app/node_modules/a/test/a.js": {content: some}, "/app/main.go": {content: some},
		}), want: []string{
			"/app/.git/HEAD: is version control data", "/app/main.go: is a source of a compiled language", "/app/node_modules/a/test/a.js: is a test, of", "/bin/sh: is a shell, of",
			"/usr/bin/apt-get: is a package manager", "/usr/bin/x86_64-linux-gnu-gcc-14: is a compiler", "/usr/include/a.h: is a header",
			"/usr/lib/libx.a: is a static library", "/usr/share/man/man1/a.1: is documentation", "/var/cache/apt/x: is a cache",
		}},
		{
			name: "a shell by another of its names", image: withFiles(map[string]file{"/bin/box": exe([]byte(some)), "/bin/sh": {hardLink: "/bin/box"}}),
			want: []string{"/bin/sh: is a shell"},
		},
		{
			name: "bytes of several names count once", image: withFiles(map[string]file{"/bin/ash": exe([]byte(some)), "/bin/busybox": {hardLink: "/bin/ash"}, "/bin/sh": {hardLink: "/bin/ash"}}),
			want: []string{"/bin: contains a shell: 3 files, 9 kB, of nothing that is recorded"},
		},
		{name: "another name belongs to the same package", image: withFiles(map[string]file{
			"/lib/apk/db/installed": {content: "P:busybox\nV:1\nF:bin\nR:box\n"}, "/bin/box": exe([]byte(some)), "/bin/sh": {hardLink: "/bin/box"},
		}), want: []string{"/bin/sh: is a shell, of busybox 1"}},
		{name: "a shell whose first name is gone", image: func(t *testing.T) fakeImage {
			f := withFiles(map[string]file{"/bin/box": exe([]byte(some)), "/bin/sh": {hardLink: "/bin/box"}})(t)
			f.layers = append(f.layers, map[string]file{"/bin/.wh.box": {}})
			return f
		}, want: []string{"/bin/sh: is a shell"}},
		{name: "little of a package", image: withFiles(map[string]file{"/opt/a/README.md": {content: "x"}, "/opt/a/b.h": {content: "x"}})},
		{name: "data of Python packages stays", image: withFiles(map[string]file{
			installed + "sklearn/datasets/descr/iris.rst": {content: some}, installed + "p/static/a.min.js.map": {content: some},
			installed + "p/static/a.ts": {content: some}, installed + "p/README.md": {content: some},
			installed + "django/test/client.py": {content: some}, installed + "numpy/_core/tests/_natype.py": {content: some},
			installed + "scipy/_lib/_test_ccallback.so": {content: some},
		})},
		{name: "ballast of Python packages", image: withFiles(map[string]file{
			installed + "p/tests/test_a.py": {content: "x"}, installed + "p/tests/data/a.bin": {content: some}, installed + "q/a.pyx": {content: some},
			installed + "q/include/a.h": {content: some}, "/usr/local/share/man/man1/q.1": {content: some},
		}), want: []string{
			installed + "p/tests: contains tests: 2 files", installed + "q/a.pyx: is a source", installed + "q/include/a.h: is a header",
			"/usr/local/share/man/man1/q.1: is documentation",
		}},
		{name: "what Node.js loads stays", image: withFiles(map[string]file{
			"/app/node_modules/a/lib/test/a.js": {content: some}, "/app/node_modules/b/package.json": {content: `{"exports": {"./test": "./test/b.js"}}`},
			"/app/node_modules/b/test/b.js": {content: some}, "/app/node_modules/test/test.js": {content: some}, "/app/src/server.ts": {content: some},
		}, func(c *v1.Config) { c.Entrypoint = append(c.Entrypoint, "src/server.ts") })},
		{name: "ballast of Node.js packages", image: withFiles(map[string]file{
			"/app/node_modules/a/package.json": {content: `{"exports": "./a.js"}`}, "/app/node_modules/a/test/a.js": {content: some},
			"/app/node_modules/.pnpm/b@1/node_modules/@s/b/tests/b.js": {content: some}, "/app/node_modules/pg-protocol/dist/a.test.js": {content: some},
			"/app/src/server.ts": {content: some},
		}), want: []string{
			"/app/node_modules: contains tests: 3 files, 27 kB", "/app/src/server.ts: is a source",
		}},
		{name: "those of the distribution are one finding", image: withFiles(map[string]file{
			"/var/lib/dpkg/status.d/a": {content: "Package: a\n"}, "/var/lib/dpkg/status.d/a.md5sums": {content: "0  usr/share/doc/a/NEWS\n"}, "/usr/share/doc/a/NEWS": {content: some},
			"/var/lib/dpkg/status.d/b": {content: "Package: b\n"}, "/var/lib/dpkg/status.d/b.md5sums": {content: "0  usr/share/doc/b/NEWS\n"}, "/usr/share/doc/b/NEWS": {content: "x"},
		}), want: []string{"/usr/share/doc: contains documentation: 2 files, 9.001 kB, of the distribution's packages"}},
		{name: "many of a package are one finding", image: withFiles(map[string]file{
			"/app/node_modules/a/package.json": {content: `{"name":"a","version":"1.2.3"}`},
			"/app/node_modules/a/src/a.ts":     {content: some}, "/app/node_modules/a/src/b.ts": {content: some}, "/app/node_modules/b/c.ts": {content: some},
		}), want: []string{
			"/app/node_modules/a/src: contains sources of compiled languages: 2 files, 18 kB, of a 1.2.3 |       9 kB  /app/node_modules/a/src/a.ts |       9 kB  /app/node_modules/a/src/b.ts",
			"/app/node_modules/b/c.ts: is a source",
		}},
	},
	privilege: {
		{name: "root's files, a number", image: withFiles(nil)},
		{name: "a user's number without a group", image: withFiles(nil, func(c *v1.Config) { c.User = "65532" })},
		{name: "nobody said", image: withFiles(nil, func(c *v1.Config) { c.User = "" }), want: []string{": runs as root"}},
		{name: "root", image: withFiles(nil, func(c *v1.Config) { c.User = "0:0" }), want: []string{": runs as root"}},
		{name: "root's name", image: withFiles(map[string]file{"/etc/passwd": {content: "root:x:0:0::/:\n"}}, func(c *v1.Config) { c.User = "root:root" }), want: []string{": runs as root"}},
		{name: "root's name alone", image: withFiles(nil, func(c *v1.Config) { c.User = "root" }), want: []string{": runs as root"}},
		{name: "another name of root's", image: withFiles(map[string]file{"/etc/passwd": {content: "toor:x:0:0::/:\n"}}, func(c *v1.Config) { c.User = "toor" }), want: []string{": runs as root"}},
		{
			name: "a number that the image knows", image: withFiles(groupFiles, func(c *v1.Config) { c.User = "10" }),
			want: []string{"/20: can be written", "/30: can be written"},
		},
		{name: "a number that it does not", image: withFiles(groupFiles, func(c *v1.Config) { c.User = "11" }), want: []string{"/0: can be written"}},
		{name: "a number and a group's name", image: withFiles(groupFiles, func(c *v1.Config) { c.User = "10:more" }), want: []string{"/30: can be written"}},
		{name: "a number and a group that nobody knows", image: withFiles(groupFiles, func(c *v1.Config) { c.User = "10:none" })},
		{
			name: "a name and a group's number", image: withFiles(groupFiles, func(c *v1.Config) { c.User = "app:40" }),
			want: []string{": runs as the named user app:40", "/40: can be written"},
		},
		{name: "a name", image: withFiles(nil, func(c *v1.Config) { c.User = "app" }), want: []string{": runs as the named user app"}},
		{
			name: "a name that the image knows", image: withFiles(map[string]file{"/etc/passwd": {content: "app:x:10:20::/:\n"}, "/app/x": {content: "x", uid: 10}}, func(c *v1.Config) { c.User = "app" }),
			want: []string{": runs as the named user app", "/app/x: can be written"},
		},
		{name: "setuid, setgid and capabilities", image: withFiles(map[string]file{
			"/su": {content: "x", mode: 0o4755}, "/wall": {content: "x", mode: 0o2755}, "/ping": {content: "x", mode: 0o755, caps: true}, "/dir": {dir: true, mode: 0o2755},
		}), want: []string{"/ping: has file capabilities", "/su: has the mode", "/wall: has the mode"}},
		{name: "a device", image: withFiles(map[string]file{"/dev/null": {device: true, mode: 0o666}}), want: []string{"/dev/null: is a device"}},
		{
			name: "files of the user", image: withFiles(map[string]file{"/app/x": {content: "x", uid: 65532}, "/app/y": {content: "x", uid: 65532, mode: 0o444}, "/z": {content: "x", mode: 0o666}}),
			want: []string{"/app/x: can be written", "/z: can be written"},
		},
		{name: "a folder stands for what is in it", image: withFiles(map[string]file{
			"/app": {dir: true, mode: 0o755, uid: 65532}, "/app/x": {content: "x", uid: 65532},
		}), want: []string{"/app: can be written"}},
		{name: "folders with much the same name", image: withFiles(map[string]file{
			"/app": {dir: true, mode: 0o755, uid: 65532}, "/app-data": {dir: true, mode: 0o755, uid: 65532}, "/app/x": {content: "x", uid: 65532}, "/app/y/z": {content: "x", uid: 65532},
		}), want: []string{"/app: can be written", "/app-data: can be written"}},
		{name: "what a tmpfs hides", image: withFiles(map[string]file{"/tmp": {dir: true, mode: 0o1777}}), service: func(s *catalog.Service) { s.Run.Tmpfs = []string{"/tmp"} }},
		{name: "what none does", image: withFiles(map[string]file{"/tmp": {dir: true, mode: 0o1777}}), want: []string{"/tmp: can be written"}},
		{name: "every system's /tmp", image: withFiles(map[string]file{"/tmp": {dir: true, mode: 0o1777}, "/l": {link: "/tmp", mode: 0o777}}), foreign: true},
	},
	config: {
		{name: "all said", image: withFiles(nil)},
		{name: "an image without a service need not", image: withFiles(nil, func(c *v1.Config) { c.Labels, c.ExposedPorts, c.Healthcheck = nil, nil, nil }), foreign: true},
		{name: "shells", image: withFiles(nil, func(c *v1.Config) {
			c.Entrypoint = []string{"/bin/sh", "-c", "/demo"}
			c.Healthcheck.Test = []string{"CMD-SHELL", "curl localhost"}
		}), want: []string{": has a health check that needs a shell", ": is started by a shell"}},
		{name: "a shell that gives way", image: withFiles(nil, func(c *v1.Config) { c.Entrypoint = []string{"/bin/sh", "-c", "exec /demo"} })},
		{name: "no health check", image: withFiles(nil, func(c *v1.Config) { c.Healthcheck = nil }), want: []string{": has no health check"}},
		{name: "health check off", image: withFiles(nil, func(c *v1.Config) { c.Healthcheck.Test = []string{"NONE"} }), foreign: true, want: []string{": switches its health check off"}},
		{name: "a service asked from outside", image: withFiles(nil, func(c *v1.Config) { c.Healthcheck.Test = []string{"NONE"} })},
		{
			name: "another port", image: withFiles(nil, func(c *v1.Config) { c.ExposedPorts = map[string]struct{}{"80/tcp": {}} }),
			want: []string{": does not expose 8080", ": exposes 80/tcp"},
		},
		{name: "labels", image: withFiles(nil, func(c *v1.Config) {
			c.Labels = map[string]string{labelPrefix + "title": "other", labelPrefix + "description": "d", labelPrefix + "licenses": "l", labelPrefix + "revision": "abc"}
		}), want: []string{": has no label org.opencontainers.image.source", ": has the label org.opencontainers.image.revision", ": has the title other"}},
		{name: "secrets", image: func(t *testing.T) fakeImage {
			f := withFiles(nil, func(c *v1.Config) {
				c.Env = append(c.Env, "DB_PASSWORD=hunter2", "JWT_SECRET="+strings.Repeat("a1", 20), "PUBLIC_KEY=x", "API_TOKEN=")
			})(t)
			f.history = []v1.History{{CreatedBy: "RUN curl https://me:hunter2@example.com", EmptyLayer: true}}
			return f
		}, want: []string{": ENV DB_PASSWORD looks like a secret", ": ENV JWT_SECRET looks like a secret", ": its history contains a password in a URL"}},
		{name: "a small application after its manifest", image: layered(map[string]file{
			"/app/package.json": {content: strings.Repeat("x", 900)}, "/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big,
		}, map[string]file{"/app/main.js": {content: strings.Repeat("x", 1000)}})},
		{name: "dependencies first", image: layered(map[string]file{"/app/package.json": {content: "x"}, "/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big}, map[string]file{"/app/main.js": {content: "xxxx"}})},
		{
			name: "dependencies last", image: layered(map[string]file{"/app/main.js": {content: "x"}}, map[string]file{"/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big}),
			want: []string{": layer 2 contains 300 kB of dependencies above the application in layer 1"},
		},
		{name: "a little of the application below the dependencies", image: layered(
			map[string]file{"/app/start.js": {content: strings.Repeat("x", 20_000)}},
			map[string]file{"/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big},
			map[string]file{"/app/main.js": {content: strings.Repeat("x", 80_000)}},
		)},
		{
			name: "a third of the application below the dependencies", image: layered(
				map[string]file{"/app/start.js": {content: strings.Repeat("x", 30_000)}},
				map[string]file{"/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big},
				map[string]file{"/app/main.js": {content: strings.Repeat("x", 70_000)}},
			),
			want: []string{": layer 2 contains 300 kB of dependencies above the application in layer 1"},
		},
		{
			name: "dependencies together with the application", image: layered(map[string]file{"/app/main.js": {content: "x"}, "/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/big.js": big}),
			want: []string{": layer 1 contains 300 kB of dependencies together with the application"},
		},
		{name: "a service that is a Python package", image: layered(map[string]file{
			"/app/manage.py": {content: "x"}, "/py/a/static.css": big, "/py/a-1.dist-info/RECORD": {content: "a/static.css,,\n"},
			"/py/a-1.dist-info/direct_url.json": {content: `{"url": "file:///tmp/a-1-py3-none-any.whl", "archive_info": {}}`},
		})},
		{
			name: "a Python package from elsewhere together with the application", image: layered(map[string]file{
				"/app/manage.py": {content: "x"}, "/py/a/static.css": big, "/py/a-1.dist-info/RECORD": {content: "a/static.css,,\n"},
				"/py/a-1.dist-info/direct_url.json": {content: `{"url": "https://example.com/a.git", "vcs_info": {}}`},
			}),
			want: []string{": layer 1 contains 300.1 kB of dependencies together with the application"},
		},
	},
	attributable: {
		{name: "each kind of record", image: func(t *testing.T) fakeImage {
			return withFiles(map[string]file{
				"/var/lib/dpkg/status.d/libx1":         {content: "Package: libx1\nVersion: 1-2\nConffiles:\n /etc/x.conf 123\n"},
				"/var/lib/dpkg/status.d/libx1.md5sums": {content: "abc  lib/x86_64-linux-gnu/libx.so.1\n"},
				"/lib":                                 {link: "usr/lib"}, "/usr/lib/x86_64-linux-gnu/libx.so.1": big, "/etc/x.conf": big, "/usr/share/doc/libx1/copyright": big,
				"/var/lib/dpkg/status":            {content: "Package: y\nVersion: 2\nArchitecture: amd64\n\nPackage: z\nVersion: 3\nArchitecture: amd64\n"},
				"/var/lib/dpkg/info/y.list":       {content: "/.\n/usr\n/usr/bin/y\n"},
				"/var/lib/dpkg/info/z:amd64.list": {content: "/usr/bin/z\n"}, "/usr/bin/y": big, "/usr/bin/z": big,
				"/usr/lib/apk/db/installed": {content: "P:w\nV:4\nF:usr/sbin\nR:w\n\nP:v\nV:5\n"}, "/usr/sbin/w": big,
				"/usr/bin/go":    elfFileOf(t, elftest.File{Module: "example.com/go", Pad: 100_000}),
				"/usr/bin/noted": elfFileOf(t, elftest.File{Note: `{"name":"noted","version":"6"}`, Pad: 100_000}),
				"/py/a/mod.py":   big, "/py/a/__pycache__/mod.cpython-313.pyc": big, "/py/a-1.dist-info/METADATA": {content: "Name: A\nVersion: 1\n"},
				"/py/a-1.dist-info/RECORD": {content: "a/mod.py,sha256=x,300000\n../bin/tool,,\n"}, "/bin/tool": big, "/py/a/other.pyc": big,
				"/x/node_modules/@s/a/package.json": npmPackage, "/x/node_modules/@s/a/lib/a.js": big,
				"/app/main.js": big, "/usr/local/bin/node": elfFileOf(t, elftest.File{Pad: 100_000, Text: "node.js/v24.21.0"}), "/etc/ssl/certs/ca-certificates.crt": big,
			})(t)
		}},
		{name: "little without a record", image: withFiles(map[string]file{"/etc/x": {content: strings.Repeat("x", 60_000)}})},
		{
			name: "much without", image: withFiles(map[string]file{"/opt/a/x": big, "/opt/b/x": {content: "x"}}),
			want: []string{": 300 kB of 300.8 kB belong to no recorded package | 300 kB in /opt/a | 1 B in /opt/b"},
		},
		{name: "packages whose files are links to a store", image: withFiles(map[string]file{
			"/a/1": big, "/a/2": npmPackage, "/x/node_modules/a/a.js": {hardLink: "/a/1"}, "/x/node_modules/a/package.json": {hardLink: "/a/2"},
		})},
		{name: "packages of RPM", image: withFiles(map[string]file{"/opt/x": big, "/var/lib/rpm": {link: "../../usr/lib/sysimage/rpm"}, "/usr/lib/sysimage/rpm/rpmdb.sqlite": {content: "x"}})},
		{name: "packages of an older RPM", image: withFiles(map[string]file{"/opt/x": big, "/var/lib/rpm/Packages": {content: "x"}})},
		{name: "one percent of a large image", image: withFiles(map[string]file{"/app/x": {content: strings.Repeat("x", 30_000_000)}, "/opt/x": big})},
	},
	size: {
		{name: "under", image: withFiles(nil)},
		{name: "over, and what is largest", image: withFiles(map[string]file{"/app/x": big}), want: []string{
			": the unpacked image is 300.8 kB, 200.8 kB over its ceiling of 100 kB | largest, unpacked: |       300 kB  demo |        784 B  demo 1.0",
		}},
		{name: "over, and what grew", image: withFiles(map[string]file{
			"/app/x": big, "/app/node_modules/a/package.json": npmPackage, "/app/node_modules/a/x": big, "/app/node_modules/b/package.json": {content: `{"name":"b","version":"1.0.0"}`},
		}), before: []owners.Contributor{{Owner: owners.Owner{Kind: "service", Name: "demo"}, Bytes: 300_000}, {Owner: owners.Owner{Kind: "npm", Name: "a", Version: "1.0.0"}, Bytes: 100_000}}, want: []string{
			"since the last build: |      +200 kB  a 1.2.3 (was 1.0.0) |       +784 B  demo 1.0 (new) |        +30 B  b 1.0.0 (new)",
		}},
		{
			name: "over what may be pulled", image: withFiles(map[string]file{"/app/x": {content: noise(200_000)}}),
			service: func(s *catalog.Service) { s.Size["linux/amd64"] = catalog.Ceiling{Unpacked: 300_000, Pull: 100_000} },
			want:    []string{": what is pulled is 20"},
		},
	},
}

// groupFiles may each be written by one group.
var groupFiles = map[string]file{
	"/etc/passwd": {content: "app:x:10:20::/:\n"}, "/etc/group": {content: "app:x:20:\nmore:x:30:other,app\n"},
	"/0": {content: "x", mode: 0o664}, "/20": {content: "x", mode: 0o664, gid: 20}, "/30": {content: "x", mode: 0o664, gid: 30}, "/40": {content: "x", mode: 0o664, gid: 40},
}

// installed is where Debian's Python looks for packages.
const installed = "/usr/local/lib/python3.13/dist-packages/"

// some is enough not to be ignored.
var some = strings.Repeat("x", 9000)

var (
	big        = file{content: strings.Repeat("x", 300_000)}
	npmPackage = file{content: `{"name":"a","version":"1.2.3"}`}
)

// noise is text that does not compress.
func noise(n int) string {
	b := make([]byte, n)
	state := uint32(1)
	for i := range b {
		state = state*1664525 + 1013904223
		b[i] = byte(state >> 24)
	}
	return string(b)
}

func layered(layers ...map[string]file) func(t *testing.T) fakeImage {
	return func(*testing.T) fakeImage {
		c := goodConfig()
		c.WorkingDir = "/app"
		return fakeImage{layers: layers, config: c}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	for r, cases := range imageCases {
		for _, tt := range cases {
			t.Run(r.Key+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				s := fakeService()
				if tt.service != nil {
					tt.service(s)
				}
				if tt.foreign {
					s = nil
				}
				got := auditFake(t, tt.image(t), r, s, tt.before)
				if len(got) != len(tt.want) {
					t.Fatalf("findings are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
				}
				for n, part := range tt.want {
					if !strings.Contains(got[n], part) {
						t.Errorf("finding %d is %q, want %q in it", n, got[n], part)
					}
				}
			})
		}
	}
}

// Every rule has cases of both kinds.
func TestEveryRule(t *testing.T) {
	t.Parallel()
	for _, r := range checks {
		bad := 0
		for _, c := range imageCases[r] {
			bad += min(len(c.want), 1)
		}
		if good := len(imageCases[r]) - bad; bad == 0 || good == 0 {
			t.Errorf("%s has %d bad and %d good cases in the tests", r.Key, bad, good)
		}
	}
}
