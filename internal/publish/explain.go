package publish

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// again is what a person does after a failure that is not of their making.
const again = "run the same command again: what has arrived is not sent again"

// advice is what to do when a registry answers with a status.
var advice = map[int]string{
	http.StatusUnauthorized:          "run `docker login %s`",
	http.StatusForbidden:             "the account that `docker login %s` stored may not push there; ask for the right to, or use another registry",
	http.StatusNotFound:              "there is no such repository on %s, or the account may not see it; create it, or use another registry",
	http.StatusMethodNotAllowed:      "%s takes no images: it is read-only; use another registry",
	http.StatusRequestEntityTooLarge: "%s, or a proxy before it, limits the size of a layer; raise that limit (nginx: client_max_body_size)",
	http.StatusTooManyRequests:       "%s limits how much is asked of it; wait, then " + again,
	http.StatusInsufficientStorage:   "%s is full; free some space there, then " + again,
}

// explain says what went wrong with a registry in one line, and what to do about it.
func explain(registry name.Registry, err error) error {
	var answer *transport.Error
	if errors.As(err, &answer) {
		what := fmt.Sprintf("%s answers %d %s", registry, answer.StatusCode, http.StatusText(answer.StatusCode))
		if len(answer.Errors) > 0 && answer.Errors[0].Message != "" {
			what += " (" + oneLine(answer.Errors[0].Message) + ")"
		}
		todo, ok := advice[answer.StatusCode]
		switch {
		case ok:
			todo = fmt.Sprintf(todo, registry)
		case answer.StatusCode >= http.StatusInternalServerError:
			todo = again
		default:
			return errors.New(what)
		}
		return fmt.Errorf("%s; %s", what, todo)
	}
	var noHost *net.DNSError
	var cut *url.Error
	switch {
	case errors.As(err, &noHost):
		return fmt.Errorf("there is no host %s; correct the name in the flag, or `registry` in project.yaml", noHost.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("nothing listens at %s; start the registry, or use another registry", registry)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &cut) && cut.Timeout():
		return fmt.Errorf("the connection to %s was lost; %s", registry, again)
	}
	return errors.New(oneLine(err.Error()))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
