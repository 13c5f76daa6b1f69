package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// state is what one run of the engine leaves for the next commands to know. It
// is written before the network is made, and again when the engine starts.
type state struct {
	Set     string    `json:"set"`     // the programs that it was started from
	Version string    `json:"version"` // of dockerd, which calls itself "library-import"
	Started time.Time `json:"started"`
	Network network   `json:"network"`
	Emulate string    `json:"emulate,omitempty"` // the binfmt entry that we registered
}

// readState returns what is known; a missing or broken file is nothing known.
func (h Home) readState() state {
	var s state
	if data, err := os.ReadFile(h.stateFile()); err == nil {
		if json.Unmarshal(data, &s) != nil {
			return state{}
		}
	}
	return s
}

func (h Home) writeState(s state) error {
	data, err := json.MarshalIndent(s, "", "  ")
	temp := h.stateFile() + ".new"
	if err == nil {
		err = os.WriteFile(temp, append(data, '\n'), 0o644)
	}
	if err == nil {
		err = os.Rename(temp, h.stateFile())
	}
	if err != nil {
		return fmt.Errorf("writing down the engine's state: %w", err)
	}
	return nil
}
