package dynlink_test

import (
	"debug/elf"
	"maps"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/dynlink"
	"example.com/stagecraft/internal/elffile/elftest"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/rootfs"
)

const (
	glibc = "/lib64/ld-linux-x86-64.so.2"
	musl  = "/lib/ld-musl-x86_64.so.1"
)

// program needs liba.so; the libraries of the tests have no needs unless a case says so.
func program(interpreter string) elftest.File {
	return elftest.File{Kind: elf.ET_EXEC, Interpreter: interpreter, Needed: []string{"liba.so"}}
}

func with(f elftest.File, change func(f *elftest.File)) elftest.File {
	change(&f)
	return f
}

// lib is a library that needs others.
func lib(needed ...string) elftest.File { return elftest.File{Needed: needed} }

// What the program at /app/main loads from the other files of an image, and what it does not find.
func TestLoad(t *testing.T) {
	t.Parallel()
	runpath := func(dir string) func(*elftest.File) { return func(f *elftest.File) { f.Runpath = dir } }
	rpath := func(dir string) func(*elftest.File) { return func(f *elftest.File) { f.Rpath = dir } }
	for name, tt := range map[string]struct {
		program elftest.File
		libs    map[string]elftest.File
		text    map[string]string // of other files
		env     string            // LD_LIBRARY_PATH
		want    string            // paths of what is loaded; !NAME of what is missing
	}{
		"glibc's own folders":             {program: program(glibc), libs: map[string]elftest.File{"/usr/lib/liba.so": lib()}, want: "/usr/lib/liba.so"},
		"the machine's folder goes first": {program: program(glibc), libs: map[string]elftest.File{"/usr/lib/liba.so": lib(), "/usr/lib/x86_64-linux-gnu/liba.so": lib()}, want: "/usr/lib/x86_64-linux-gnu/liba.so"},
		"what ldconfig has noted":         {program: program(glibc), libs: map[string]elftest.File{"/opt/liba.so": lib()}, text: map[string]string{"/etc/ld.so.cache": "x\x00/opt/liba.so\x00"}, want: "/opt/liba.so"},
		"ld.so.conf alone is not read":    {program: program(glibc), libs: map[string]elftest.File{"/opt/liba.so": lib()}, text: map[string]string{"/etc/ld.so.conf": "/opt"}, want: "!liba.so"},
		"next to a glibc elsewhere":       {program: program("/opt/glibc/ld.so"), libs: map[string]elftest.File{"/opt/glibc/liba.so": lib()}, want: "/opt/glibc/liba.so"},

		"RUNPATH": {program: with(program(glibc), runpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib(), "/usr/lib/liba.so": lib()}, want: "/opt/liba.so"},
		"LD_LIBRARY_PATH goes before RUNPATH": {
			program: with(program(glibc), runpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib(), "/env/liba.so": lib()}, env: "/none:/env", want: "/env/liba.so",
		},
		"RPATH goes before LD_LIBRARY_PATH": {
			program: with(program(glibc), rpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib(), "/env/liba.so": lib()}, env: "/env", want: "/opt/liba.so",
		},
		"RUNPATH takes RPATH's place": {
			program: with(with(program(glibc), rpath("/r")), runpath("/opt")), libs: map[string]elftest.File{"/r/liba.so": lib(), "/usr/lib/liba.so": lib()}, want: "/usr/lib/liba.so",
		},
		"$ORIGIN is the file's folder": {program: with(program(glibc), runpath("${ORIGIN}/../lib:$ORIGIN")), libs: map[string]elftest.File{"/lib/liba.so": lib(), "/app/liba.so": lib()}, want: "/lib/liba.so"},
		"$LIB is the machine's folder": {program: with(program(glibc), runpath("/opt/$LIB")), libs: map[string]elftest.File{"/opt/lib/x86_64-linux-gnu/liba.so": lib()}, want: "/opt/lib/x86_64-linux-gnu/liba.so"},

		"glibc does not inherit RUNPATH": {program: with(program(glibc), runpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib("libb.so"), "/opt/libb.so": lib()}, want: "!libb.so /opt/liba.so"},
		"musl inherits RUNPATH":          {program: with(program(musl), runpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib("libb.so"), "/opt/libb.so": lib()}, want: "/opt/liba.so /opt/libb.so"},
		"glibc inherits RPATH":           {program: with(program(glibc), rpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": lib("libb.so"), "/opt/libb.so": lib()}, want: "/opt/liba.so /opt/libb.so"},
		"not past a RUNPATH of its own": {
			program: with(program(glibc), rpath("/opt")), libs: map[string]elftest.File{"/opt/liba.so": with(lib("libb.so"), runpath("/none")), "/opt/libb.so": lib()}, want: "!libb.so /opt/liba.so",
		},

		"musl's own folders":       {program: program(musl), libs: map[string]elftest.File{"/usr/local/lib/liba.so": lib()}, want: "/usr/local/lib/liba.so"},
		"not glibc's":              {program: program(musl), libs: map[string]elftest.File{"/usr/lib/x86_64-linux-gnu/liba.so": lib()}, want: "!liba.so"},
		"musl's path file":         {program: program(musl), libs: map[string]elftest.File{"/opt/liba.so": lib()}, text: map[string]string{"/etc/ld-musl-x86_64.path": "/none\n/opt:/x\n"}, want: "/opt/liba.so"},
		"it replaces the defaults": {program: program(musl), libs: map[string]elftest.File{"/usr/lib/liba.so": lib()}, text: map[string]string{"/etc/ld-musl-x86_64.path": "/opt"}, want: "!liba.so"},
		"musl is its own libc":     {program: program(musl), libs: map[string]elftest.File{"/lib/liba.so": lib("libc.musl-x86_64.so.1")}, want: "/lib/liba.so"},
		"but not glibc's":          {program: program(musl), libs: map[string]elftest.File{"/lib/liba.so": lib("libc.so.6")}, want: "!libc.so.6 /lib/liba.so"},
		"unless gcompat is there": {
			program: program(glibc), libs: map[string]elftest.File{"/lib/liba.so": lib("libc.so.6", "libX.so.6"), "/lib/libgcompat.so.0": lib()}, want: "!libX.so.6 /lib/liba.so",
		},

		"another machine's is passed over": {
			program: program(glibc), libs: map[string]elftest.File{"/lib/liba.so": {Machine: elf.EM_AARCH64}, "/usr/lib/liba.so": lib()}, want: "/usr/lib/liba.so",
		},
		"a name with a slash is a path": {program: with(program(glibc), func(f *elftest.File) { f.Needed = []string{"/opt/libb.so"} }), libs: map[string]elftest.File{"/opt/libb.so": lib()}, want: "/opt/libb.so"},
		"a soname is loaded once": {
			program: with(program(glibc), func(f *elftest.File) { f.Needed = []string{"liba.so", "libb.so"} }),
			libs:    map[string]elftest.File{"/lib/liba.so": {Soname: "libb.so"}, "/lib/libb.so": lib()}, want: "/lib/liba.so",
		},
		"libraries that need each other": {program: program(glibc), libs: map[string]elftest.File{"/lib/liba.so": lib("libb.so"), "/lib/libb.so": lib("liba.so")}, want: "/lib/liba.so /lib/libb.so"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entries := []imagetest.Entry{imagetest.File("app/main", string(tt.program.Bytes(t)))}
			for _, p := range slices.Sorted(maps.Keys(tt.libs)) {
				entries = append(entries, imagetest.File(p[1:], string(tt.libs[p].Bytes(t))))
			}
			for p, text := range tt.text {
				entries = append(entries, imagetest.File(p[1:], text))
			}
			config := v1.Config{Env: []string{"LD_LIBRARY_PATH=" + tt.env}, Entrypoint: []string{"/app/main"}}
			files, err := rootfs.Read(imagetest.Open(t, imagetest.Image(t, "amd64", config, imagetest.Layer(t, entries...))).Images()[0])
			if err != nil {
				t.Fatal(err)
			}
			main := files.ELFs["/app/main"]
			loader := dynlink.New(files)
			missing, loaded := loader.Linker(main.Interpreter).Load(main)
			var got []string
			for _, m := range missing {
				got = append(got, "!"+m.Name)
			}
			for f := range loaded {
				if f != main {
					got = append(got, f.Path)
				}
			}
			slices.Sort(got)
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("%s, want %s", s, tt.want)
			}
			if loader.Usual() != loader.Linker(main.Interpreter) {
				t.Error("the usual linker is not that of what the image starts")
			}
		})
	}
}
