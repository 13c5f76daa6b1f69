package service

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"time"
)

const probeTimeout = 2 * time.Second

// Probe sends one GET to a running service; any status but 200 is an error. So an image checks its health without a shell or
// curl. It uses a bare connection, as http.Client would make the binary 7% larger and go through HTTP_PROXY.
func Probe(address, path string) error {
	status, err := get(address, path)
	if err != nil {
		return fmt.Errorf("probing http://%s%s: %w", address, path, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("probing http://%s%s: answered %d, not 200", address, path, status)
	}
	return nil
}

func get(address, path string) (int, error) {
	conn, err := net.DialTimeout("tcp", address, probeTimeout)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(probeTimeout)); err != nil {
		return 0, err
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	req.Close = true
	if err := req.Write(conn); err != nil {
		return 0, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
