package network

import (
	"crypto/tls"
	"encoding/base64"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"sync"
	"testing"

	"example.com/stagecraft/integration/authority"
)

// proxy is a forward proxy as companies have them: it wants a name and a password, opens the TLS of every connection with
// certificates of its own authority, and notes which hosts were asked for. Hosts of private are answered by handlers, others
// by themselves.
type proxy struct {
	authority      *authority.Authority
	user, password string
	private        map[string]http.Handler

	mu    sync.Mutex
	hosts []string
	leaks []string // public hosts that were sent credentials
}

// listen starts p at an address of this machine, and gives the address with the port.
func listen(t *testing.T, address string, handler http.Handler, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skipf("the engine's containers reach this machine at %s, where nothing can be started: %v", address, err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Proxy-Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(p.user+":"+p.password)) {
		w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		p.forward("http", r.Host).ServeHTTP(w, r)
		return
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	inside := tls.Server(conn, p.authority.Server(host))
	defer inside.Close()
	p.serve(inside, p.forward("https", host))
}

// serve answers the requests of one connection.
func (p *proxy) serve(conn net.Conn, handler http.Handler) {
	once := make(chan net.Conn, 1)
	once <- conn
	closed := make(chan struct{})
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed || s == http.StateHijacked {
			close(closed)
		}
	}}
	_ = server.Serve(&single{conns: once, closed: closed, addr: conn.LocalAddr()})
}

// single is a listener of one connection.
type single struct {
	conns  chan net.Conn
	closed chan struct{}
	addr   net.Addr
}

func (s *single) Accept() (net.Conn, error) {
	select {
	case c := <-s.conns:
		return c, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}
func (s *single) Close() error   { return nil }
func (s *single) Addr() net.Addr { return s.addr }

// forward answers for a host.
func (p *proxy) forward(scheme, host string) http.Handler {
	p.mu.Lock()
	p.hosts = append(p.hosts, host)
	p.mu.Unlock()
	if handler := p.private[host]; handler != nil {
		return handler
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = scheme, host
			r.Out.Header.Del("Proxy-Authorization")
			if r.In.Header.Get("Authorization") != "" {
				p.mu.Lock()
				p.leaks = append(p.leaks, host)
				p.mu.Unlock()
			}
		},
		Transport: outside,
		ErrorLog:  log.New(io.Discard, "", 0),
	}
}

// outside is this machine's own way to the world.
var outside = &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, DisableCompression: true}

// asked reports whether the proxy was asked for a host.
func (p *proxy) asked(host string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.hosts, host)
}
