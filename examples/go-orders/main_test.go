package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

func TestOrders(t *testing.T) {
	handler := chi.NewRouter()
	newOrders().routes(handler)
	for _, tt := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"GET", "/orders/1001", "", http.StatusOK, `"net":"36.50 EUR"`},
		{"GET", "/orders/1002", "", http.StatusNotFound, "no such order"},
		{"POST", "/orders", `{"lines": [{"article": "nut", "quantity": 3, "price": "0.10 EUR"}]}`, http.StatusCreated, `"net":"0.30 EUR"`},
		{"GET", "/orders/1002", "", http.StatusOK, `"article":"nut"`},
		{"POST", "/orders", `{"lines": []}`, http.StatusUnprocessableEntity, "there are none"},
		{"POST", "/orders", `{"lines": [{"article": "nut", "quantity": 0, "price": "0.10 EUR"}]}`, http.StatusUnprocessableEntity, "lines[0]"},
		{"POST", "/orders", `{"lines": [{"article": "a", "quantity": 1, "price": "0.10 EUR"}, {"article": "b", "quantity": 1, "price": "0.10 USD"}]}`, http.StatusUnprocessableEntity, "lines[1]: cannot add"},
		{"POST", "/orders", `{"lines": [{"article": "nut", "quantity": 1, "price": 0.1}]}`, http.StatusBadRequest, ""},
		{"POST", "/orders", `{"items": []}`, http.StatusBadRequest, "unknown field"},
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
		if answer.Code != tt.status || !strings.Contains(answer.Body.String(), tt.contains) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, answer.Code, answer.Body)
		}
	}
}
