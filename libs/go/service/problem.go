package service

import (
	"encoding/json"
	"net/http"
)

// Problem answers with an error as RFC 9457 has it. Detail is for the client: nothing internal belongs in it. It may be empty.
func Problem(w http.ResponseWriter, status int, detail string) {
	body, err := json.Marshal(struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{http.StatusText(status), status, detail})
	if err != nil { // strings and numbers are always valid
		panic(err)
	}
	w.Header().Del("Content-Length")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away is no fault of the service
}
