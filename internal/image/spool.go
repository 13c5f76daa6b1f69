package image

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// spool keeps the bytes of all files of an image's layers in one temporary file, those too that a later layer replaces or
// removes: any file can be read in any order without uncompressing a layer again. It takes as much of TMPDIR as the layers
// have bytes, which is memory where that is a tmpfs.
type spool struct {
	mu     sync.Mutex
	file   *os.File
	size   int64
	buffer []byte // of copies: io.Copy to a file makes one for each
}

// add copies content and returns where it begins.
func (s *spool) add(content io.Reader) (offset int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "stagecraft-image-*"); err != nil {
			return 0, fmt.Errorf("keep the files of an image: %w", err)
		}
		s.buffer = make([]byte, 256<<10)
	}
	offset = s.size
	n, err := io.CopyBuffer(struct{ io.Writer }{s.file}, content, s.buffer)
	s.size += n
	if err != nil {
		return 0, fmt.Errorf("keep the files of an image in %s: %w", s.file.Name(), err)
	}
	return offset, nil
}

// section reads size bytes from offset.
func (s *spool) section(offset, size int64) *io.SectionReader {
	return io.NewSectionReader(s.file, offset, size)
}

func (s *spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.file.Close(), os.Remove(s.file.Name()))
	s.file = nil
	return err
}
