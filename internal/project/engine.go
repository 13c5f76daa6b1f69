package project

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/engine"
)

// EngineEnv writes the shell commands that give a shell the engine in use, which is started when it has to be.
func (p Project) EngineEnv(ctx context.Context) error {
	e, err := engine.Find(ctx, p.Root, p.Progress)
	if err != nil {
		return err
	}
	for _, change := range e.Changes() {
		name, value, sets := strings.Cut(change, "=")
		if sets {
			fmt.Fprintf(p.Out, "export %s=%s\n", name, command.Quote(value))
		} else {
			fmt.Fprintf(p.Out, "unset %s\n", name)
		}
	}
	return nil
}

// Engine runs a verb of the private engine (status, stop, remove) and writes its answer.
func (p Project) Engine(ctx context.Context, verb string) error {
	var answer json.RawMessage
	if err := engine.NewBare(p.Root).Run(ctx, p.Progress, &answer, "engine", verb); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.Out, "%s\n", answer)
	return err
}
