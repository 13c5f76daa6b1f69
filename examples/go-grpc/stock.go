package main

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/stagecraft/examples/go-grpc/stockpb"
)

// stock is kept in memory.
type stock struct {
	stockpb.UnimplementedStockServer

	mu       sync.Mutex
	quantity map[string]uint32
	changed  chan struct{} // closed at the next change
	closed   chan struct{}
}

func newStock(quantity map[string]uint32) *stock {
	return &stock{quantity: quantity, changed: make(chan struct{}), closed: make(chan struct{})}
}

// close ends all streams.
func (s *stock) close() { close(s.closed) }

func (s *stock) Get(_ context.Context, r *stockpb.GetRequest) (*stockpb.Article, error) {
	article, _, err := s.article(r.GetSku())
	return article, err
}

// article is the article, and a channel that is closed when some article changes.
func (s *stock) article(sku string) (*stockpb.Article, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	quantity, found := s.quantity[sku]
	if !found {
		return nil, nil, status.Errorf(codes.NotFound, "no article has the SKU %q", sku)
	}
	return &stockpb.Article{Sku: sku, Quantity: quantity}, s.changed, nil
}

func (s *stock) Reserve(_ context.Context, r *stockpb.ReserveRequest) (*stockpb.Article, error) {
	if r.GetQuantity() == 0 {
		return nil, status.Error(codes.InvalidArgument, "quantity must be at least 1")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	quantity, found := s.quantity[r.GetSku()]
	switch {
	case !found:
		return nil, status.Errorf(codes.NotFound, "no article has the SKU %q", r.GetSku())
	case quantity < r.GetQuantity():
		return nil, status.Errorf(codes.FailedPrecondition, "%d of %s are left", quantity, r.GetSku())
	}
	s.quantity[r.GetSku()] -= r.GetQuantity()
	close(s.changed)
	s.changed = make(chan struct{})
	return &stockpb.Article{Sku: r.GetSku(), Quantity: s.quantity[r.GetSku()]}, nil
}

func (s *stock) Watch(r *stockpb.GetRequest, stream grpc.ServerStreamingServer[stockpb.Article]) error {
	var last *stockpb.Article
	for {
		article, changed, err := s.article(r.GetSku())
		if err != nil {
			return err
		}
		if last == nil || article.GetQuantity() != last.GetQuantity() {
			if err := stream.Send(article); err != nil {
				return err
			}
			last = article
		}
		select {
		case <-changed:
		case <-s.closed:
			return status.Error(codes.Unavailable, "the server is shutting down")
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}
