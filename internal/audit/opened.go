package audit

import (
	"fmt"
	"path"
	"strings"
)

// openedByImport are Python packages that open a library by name when they are imported, and fail without it: how the
// library's file begins. Wheels that bring the library themselves have a file of that name too.
var openedByImport = map[string]string{
	"cairocffi": "libcairo", "fusepy": "libfuse", "hid": "libhidapi", "opuslib": "libopus", "psycopg": "libpq", "pyenchant": "libenchant",
	"pylibdmtx": "libdmtx", "pysodium": "libsodium", "python-magic": "libmagic", "pyvips": "libvips", "pyzbar": "libzbar",
	"sounddevice": "libportaudio", "soundfile": "libsndfile", "wand": "libMagickWand", "weasyprint": "libpango",
}

// checkOpened looks for libraries that no ELF file asks for, because ctypes or cffi opens them by name.
func checkOpened(i *Image, found atPath) {
	for _, f := range i.owners.Inside {
		name := strings.ReplaceAll(strings.ToLower(f.Owner.Name), "_", "-")
		library := openedByImport[name]
		if f.Owner.Kind != "python" || library == "" || i.hasLibrary(library) {
			continue
		}
		found(f.Path, fmt.Sprintf("%s opens %s by name when it is imported, and the image has no such library", name, library),
			"copy the library; in service.yaml list its Debian package under packages")
	}
}

// hasLibrary reports whether the image has a library whose file begins so.
func (i *Image) hasLibrary(start string) bool {
	for p := range i.ELFs {
		if strings.HasPrefix(path.Base(p), start) {
			return true
		}
	}
	return false
}
