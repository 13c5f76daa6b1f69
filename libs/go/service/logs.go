package service

import (
	"context"
	"io"
	"log/slog"
	"strings"
)

// NewLogger writes one JSON object a line with the keys of the contract: time, level, message and service, and request_id,
// trace_id and span_id for what is logged with the context of a request.
func NewLogger(out io.Writer, name string, level slog.Leveler) *slog.Logger {
	return newLogger(out, func() {}, name, level)
}

// newLogger calls flush after each line from level warning up.
func newLogger(out io.Writer, flush func(), name string, level slog.Leveler) *slog.Logger {
	lines := slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: byContract})
	return slog.New(&logHandler{lines, flush}).With("service", name)
}

// byContract renames and formats what slog has of itself.
func byContract(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return attr
	}
	switch attr.Key {
	case slog.TimeKey:
		if attr.Value.Kind() == slog.KindTime { // and not a service's own attribute of that name
			attr.Value = slog.TimeValue(attr.Value.Time().UTC())
		}
	case slog.LevelKey:
		if level, ok := attr.Value.Any().(slog.Level); ok {
			attr.Value = slog.StringValue(levelName(level))
		}
	case slog.MessageKey:
		attr.Key = "message"
	}
	return attr
}

// levelName is in lower case. Info is the level of request lines: no memory is allocated for it.
func levelName(level slog.Level) string {
	if level == slog.LevelInfo {
		return "info"
	}
	return strings.ToLower(level.String())
}

// logHandler adds what the context knows, and lets no warning wait.
type logHandler struct {
	slog.Handler

	flush func()
}

// Handle writes one line.
func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	if id, ok := ctx.Value(identityKey{}).(identity); ok {
		record.AddAttrs(slog.String("request_id", id.request))
		if id.trace != "" {
			record.AddAttrs(slog.String("trace_id", id.trace), slog.String("span_id", id.span))
		}
	}
	err := h.Handler.Handle(ctx, record)
	if record.Level >= slog.LevelWarn {
		h.flush()
	}
	return err
}

// WithAttrs keeps the wrapper.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.Handler.WithAttrs(attrs), h.flush}
}

// WithGroup keeps the wrapper.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.Handler.WithGroup(name), h.flush}
}
