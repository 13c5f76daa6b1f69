package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/stagecraft/internal/catalog"
)

// Load hands the OCI layout in dir to the engine: all platforms under the tag all where the engine's image store can hold
// them, else the engine's own; and each platform under the tag that each gives it.
func (e *Engine) Load(ctx context.Context, dir, all string, each func(catalog.Platform) string) error {
	native, err := e.Native(ctx)
	if err != nil {
		return err
	}
	a, err := newArchive(dir, all, native, each)
	if err != nil {
		return fmt.Errorf("load %s into the engine: %w", all, err)
	}
	reader, writer := io.Pipe()
	go func() { writer.CloseWithError(a.write(writer)) }()
	answer, err := e.client.ImageLoad(ctx, reader)
	if err != nil {
		return fmt.Errorf("load %s into the engine: %w", all, errors.Join(err, reader.Close()))
	}
	if err := errors.Join(Complaint(answer), answer.Close(), reader.Close()); err != nil {
		return fmt.Errorf("load %s into the engine: %w", all, err)
	}
	return nil
}

// Complaint reads what an engine says of its progress, to the end, and is an error when it says that something went wrong.
func Complaint(progress io.Reader) error {
	var found error
	for lines := json.NewDecoder(progress); ; {
		var line struct{ Stream, Error string }
		switch err := lines.Decode(&line); {
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			return fmt.Errorf("understand the engine: %w", errors.Join(err, found))
		case line.Error != "":
			found = errors.New(line.Error)
		case strings.HasPrefix(line.Stream, "Error "): // containerd's store goes on when it cannot unpack an image
			found = errors.New(strings.TrimSpace(line.Stream))
		}
	}
}
