package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
)

func TestInvoices(t *testing.T) {
	taker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/orders/1001":
			fmt.Fprint(w, `{"id": 1001, "net": "36.50 EUR"}`)
		case "/orders/1002":
			fmt.Fprint(w, `{"id": 1002, "net": "much"}`)
		case "/orders/1003":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			http.NotFound(w, r)
		}
	}))
	defer taker.Close()
	at, err := url.Parse(taker.URL)
	if err != nil {
		t.Fatal(err)
	}
	made := chi.NewRouter()
	routes(made, orders{at: at, client: taker.Client()})
	for path, want := range map[string]struct {
		status   int
		contains string
	}{
		"/invoices/1001":   {http.StatusOK, `{"order":1001,"net":"36.50 EUR","vat":"6.94 EUR","gross":"43.44 EUR"}`},
		"/invoices/1002":   {http.StatusBadGateway, "does not answer"},
		"/invoices/1003":   {http.StatusBadGateway, "does not answer"},
		"/invoices/7":      {http.StatusNotFound, "no such order"},
		"/invoices/..%2fx": {http.StatusNotFound, "no such order"},
	} {
		answer := httptest.NewRecorder()
		made.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		if answer.Code != want.status || !strings.Contains(answer.Body.String(), want.contains) {
			t.Errorf("GET %s: %d %s", path, answer.Code, answer.Body)
		}
	}
}
