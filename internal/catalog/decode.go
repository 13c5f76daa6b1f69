package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// decode reads what validate left of the document. A failure is a difference between a schema and its type in Go.
func (d *document) decode(into any) {
	data, err := json.Marshal(d.value)
	if err == nil {
		err = decode(data, into)
	}
	if err != nil {
		d.fail(1, "fits its schema, but not its type in internal/catalog: "+unquote(err.Error()))
	}
}

// decode is strict: a key that the type does not have is an error.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	return decoder.Decode(into)
}

// UnmarshalJSON reads a check, whose request is written as METHOD: PATH with json: VALUE or body: TEXT.
func (c *Check) UnmarshalJSON(data []byte) error {
	type plain Check
	var written struct {
		plain
		Get, Head, Post, Put, Patch, Delete string
		JSON                                json.RawMessage
		Body                                string
	}
	if err := decode(data, &written); err != nil {
		return err
	}
	*c = Check(written.plain)
	for method, path := range map[string]string{
		http.MethodGet: written.Get, http.MethodHead: written.Head, http.MethodPost: written.Post,
		http.MethodPut: written.Put, http.MethodPatch: written.Patch, http.MethodDelete: written.Delete,
	} {
		if path != "" {
			c.Method, c.Path = method, path
		}
	}
	if written.Body != "" {
		c.Body = []byte(written.Body)
	}
	if written.JSON != nil {
		c.Body, c.Headers = written.JSON, withMediaType(c.Headers)
	}
	return nil
}

// withMediaType adds the header that belongs to a body of JSON. The check's own headers win.
func withMediaType(headers map[string]string) map[string]string {
	all := map[string]string{"content-type": "application/json"}
	maps.Copy(all, headers)
	return all
}

// UnmarshalJSON reads a waiver, whose date is a day.
func (w *Waiver) UnmarshalJSON(data []byte) error {
	type plain Waiver
	var written struct {
		plain
		Until string
	}
	if err := decode(data, &written); err != nil {
		return err
	}
	*w = Waiver(written.plain)
	if written.Until == "" {
		return nil
	}
	var err error
	if w.Until, err = time.Parse(time.DateOnly, written.Until); err != nil {
		return fmt.Errorf("until: %w", err)
	}
	return nil
}

// Variables are what a service is given when it runs. A number counts as text, as in Compose; true and false do not, since
// YAML's versions disagree on what yes and on are.
type Variables map[string]string

// UnmarshalJSON reads texts and numbers.
func (v *Variables) UnmarshalJSON(data []byte) error {
	var written map[string]any
	if err := decode(data, &written); err != nil {
		return err
	}
	*v = make(Variables, len(written))
	for name, value := range written {
		(*v)[name] = fmt.Sprint(value)
	}
	return nil
}
