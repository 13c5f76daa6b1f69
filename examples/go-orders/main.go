// Go-orders takes orders and keeps them in memory.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/go-chi/chi/v5"

	"example.com/stagecraft/examples/libs/shop/money"
	"example.com/stagecraft/libs/go/service"
)

// maxOrder bounds the body of a request.
const maxOrder = 64 << 10

func main() {
	service.Main("go-orders", func(r chi.Router) error {
		newOrders().routes(r)
		return nil
	})
}

type order struct {
	ID    int          `json:"id"`
	Lines []line       `json:"lines"`
	Net   money.Amount `json:"net"`
}

type line struct {
	Article  string       `json:"article"`
	Quantity int64        `json:"quantity"`
	Price    money.Amount `json:"price"`
}

type orders struct {
	mu  sync.Mutex
	all []order
}

// newOrders has a first order, so that there is something to see.
func newOrders() *orders {
	o := &orders{}
	if _, err := o.add([]line{{"bolt", 100, money.Amount{Cents: 12, Currency: "EUR"}}, {"wrench", 1, money.Amount{Cents: 2450, Currency: "EUR"}}}); err != nil {
		panic(err)
	}
	return o
}

func (o *orders) add(lines []line) (order, error) {
	if len(lines) == 0 {
		return order{}, errors.New("lines: there are none")
	}
	var net money.Amount
	for i, l := range lines {
		if l.Article == "" || l.Quantity < 1 || l.Price.Cents < 0 || l.Price.Currency == "" {
			return order{}, fmt.Errorf("lines[%d]: needs an article, a quantity from 1 and a price", i)
		}
		cost, err := l.Price.Times(l.Quantity)
		if err == nil {
			net, err = net.Add(cost)
		}
		if err != nil {
			return order{}, fmt.Errorf("lines[%d]: %w", i, err)
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	added := order{ID: 1001 + len(o.all), Lines: lines, Net: net}
	o.all = append(o.all, added)
	return added, nil
}

func (o *orders) routes(r chi.Router) {
	r.Get("/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		defer o.mu.Unlock()
		for _, found := range o.all {
			if fmt.Sprint(found.ID) == chi.URLParam(r, "id") {
				service.JSON(w, http.StatusOK, found)
				return
			}
		}
		service.Problem(w, http.StatusNotFound, "there is no such order")
	})
	r.Post("/orders", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Lines []line `json:"lines"`
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&asked); err != nil {
			service.Problem(w, http.StatusBadRequest, err.Error())
			return
		}
		added, err := o.add(asked.Lines)
		if err != nil {
			service.Problem(w, http.StatusUnprocessableEntity, err.Error())
			return
		}
		w.Header().Set("Location", fmt.Sprintf("/orders/%d", added.ID))
		service.JSON(w, http.StatusCreated, added)
	})
}
