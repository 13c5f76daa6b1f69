// Go-invoices makes invoices of orders, which it gets from the service that takes them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"example.com/stagecraft/examples/libs/shop/money"
	"example.com/stagecraft/libs/go/service"
)

// vat is in percent.
const vat = 19

func main() {
	ordersURL := flag.String("orders-url", "", "the address of the service that takes orders, such as http://orders:8080")
	service.Main("go-invoices", func(r chi.Router) error {
		at, err := url.Parse(*ordersURL)
		if err != nil || at.Host == "" {
			return fmt.Errorf("reading ORDERS_URL=%q: set it to the address of the service that takes orders, such as http://orders:8080", *ordersURL)
		}
		routes(r, orders{at: at, client: &http.Client{Transport: service.Transport(nil), Timeout: 5 * time.Second}})
		return nil
	})
}

type invoice struct {
	Order int          `json:"order"`
	Net   money.Amount `json:"net"`
	VAT   money.Amount `json:"vat"`
	Gross money.Amount `json:"gross"`
}

func newInvoice(order int, net money.Amount) (invoice, error) {
	tax, err := net.Percent(vat)
	if err != nil {
		return invoice{}, err
	}
	gross, err := net.Add(tax)
	return invoice{Order: order, Net: net, VAT: tax, Gross: gross}, err
}

func routes(r chi.Router, from orders) {
	r.Get("/invoices/{order}", func(w http.ResponseWriter, r *http.Request) {
		made, err := from.invoice(r.Context(), chi.URLParam(r, "order"))
		switch {
		case errors.Is(err, errNoOrder):
			service.Problem(w, http.StatusNotFound, err.Error())
		case err != nil:
			slog.ErrorContext(r.Context(), "making an invoice", "order", chi.URLParam(r, "order"), "error", err)
			service.Problem(w, http.StatusBadGateway, "the service that takes orders does not answer")
		default:
			service.JSON(w, http.StatusOK, made)
		}
	})
}

// orders is the service that takes them.
type orders struct {
	at     *url.URL
	client *http.Client
}

var errNoOrder = errors.New("there is no such order")

func (o orders) invoice(ctx context.Context, order string) (invoice, error) {
	id, err := strconv.ParseUint(order, 10, 32)
	if err != nil {
		return invoice{}, errNoOrder
	}
	address := o.at.JoinPath("orders", strconv.FormatUint(id, 10)).String()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody) //nolint:gosec // only a number is the client's
	if err != nil {
		return invoice{}, err
	}
	answer, err := o.client.Do(request) //nolint:gosec // only a number is the client's
	if err != nil {
		return invoice{}, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return invoice{}, errNoOrder
	default:
		return invoice{}, fmt.Errorf("GET %s: %s", request.URL, answer.Status)
	}
	var got struct {
		ID  int          `json:"id"`
		Net money.Amount `json:"net"`
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&got); err != nil {
		return invoice{}, fmt.Errorf("GET %s: %w", request.URL, err)
	}
	return newInvoice(got.ID, got.Net)
}
