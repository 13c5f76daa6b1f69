package engine

import (
	"encoding/json"
	"os"
	"time"
)

// state is what one run of the engine leaves for the next commands to know.
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
	if err != nil {
		return err
	}
	temp := h.stateFile() + ".new"
	if err := os.WriteFile(temp, append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temp, h.stateFile())
}
