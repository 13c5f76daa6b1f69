package service

import (
	"encoding/json"
	"net/http"
)

// Problem answers with an error as RFC 9457 has it. Detail is for the client: nothing internal belongs in it. It may be empty.
func Problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Del("Content-Length")
	sendJSON(w, status, "application/problem+json", struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail,omitempty"`
	}{http.StatusText(status), status, detail})
}

// JSON answers with a value. One that encoding/json cannot marshal panics, which is answered with 500.
func JSON(w http.ResponseWriter, status int, value any) {
	sendJSON(w, status, "application/json", value)
}

func sendJSON(w http.ResponseWriter, status int, mediaType string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", mediaType)
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that went away is no fault of the service
}
