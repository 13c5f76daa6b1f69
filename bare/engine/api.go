package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"example.com/stagecraft/bare/internal/say"
)

// api asks an engine over its socket. The few questions here need no client library.
type api struct{ http http.Client }

func dial(socket string) api {
	return api{http.Client{
		Timeout: 20 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "unix", socket)
			},
		},
	}}
}

// ping returns the version of the engine's API.
func (a api) ping(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	resp, err := a.get(ctx, "/_ping")
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return resp.Header.Get("Api-Version"), nil
}

// usage returns the bytes that images and the build cache take.
func (a api) usage(ctx context.Context) (images, cache int64, err error) {
	a.http.Timeout = 0 // on a busy disk, counting takes its time
	resp, err := a.get(ctx, "/system/df?type=image&type=build-cache")
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	var df struct {
		ImageUsage, BuildCacheUsage struct{ TotalSize int64 }
	}
	if err := json.NewDecoder(resp.Body).Decode(&df); err != nil {
		return 0, 0, fmt.Errorf("reading the engine's disk usage: %w", err)
	}
	return df.ImageUsage.TotalSize, df.BuildCacheUsage.TotalSize, nil
}

// stopContainers asks all running containers to end, and waits for them.
func (a api) stopContainers(ctx context.Context) error {
	resp, err := a.get(ctx, "/containers/json")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	var running []struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&running); err != nil {
		return fmt.Errorf("reading the engine's containers: %w", err)
	}
	var all sync.WaitGroup
	for _, c := range running {
		all.Go(func() {
			if resp, err := a.ask(ctx, http.MethodPost, "/containers/"+c.ID+"/stop?t=5"); err == nil {
				resp.Body.Close()
			}
		})
	}
	all.Wait()
	return nil
}

func (a api) get(ctx context.Context, path string) (*http.Response, error) {
	return a.ask(ctx, http.MethodGet, path)
}

func (a api) ask(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://engine"+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
		resp.Body.Close()
		return nil, fmt.Errorf("engine answered %s to %s: %s", resp.Status, path, say.LastLine(body))
	}
	return resp, nil
}
