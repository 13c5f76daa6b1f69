package main

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// page is one Markdown file: content/deploy.md is served as /deploy, content/index.md as /.
type page struct {
	URL   string
	Title string
	Body  template.HTML
}

type site struct {
	pages  map[string]page // by path
	views  *template.Template
	static fs.FS
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// load reads all pages and templates, so that a broken one is found when the service starts.
func load(root fs.FS, base *url.URL) (*site, error) {
	s := &site{pages: map[string]page{}}
	var err error
	if s.views, err = template.ParseFS(root, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("reading templates: %w", err)
	}
	if s.static, err = fs.Sub(root, "static"); err != nil {
		return nil, err
	}
	files, err := fs.Glob(root, "content/*.md")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		source, err := fs.ReadFile(root, file)
		if err != nil {
			return nil, fmt.Errorf("reading a page: %w", err)
		}
		at := "/" + strings.TrimSuffix(path.Base(file), ".md")
		if at == "/index" {
			at = "/"
		}
		if s.pages[at], err = parse(source, base.JoinPath(at)); err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
	}
	if _, found := s.pages["/"]; !found {
		return nil, errors.New("reading pages: there is no content/index.md; start the service in the folder that has it")
	}
	return s, nil
}

func parse(source []byte, address *url.URL) (page, error) {
	first, _, _ := strings.Cut(string(source), "\n")
	title, found := strings.CutPrefix(first, "# ")
	if !found {
		return page{}, errors.New("the first line must be the title: # Like this")
	}
	var body bytes.Buffer
	if err := markdown.Convert(source, &body); err != nil {
		return page{}, err
	}
	return page{URL: address.String(), Title: title, Body: template.HTML(body.String())}, nil //nolint:gosec // our own pages
}

func (s *site) handler(ready func() bool) http.Handler {
	mux := http.NewServeMux()
	for at, p := range s.pages {
		if at == "/" {
			at = "/{$}"
		}
		mux.HandleFunc("GET "+at, func(w http.ResponseWriter, _ *http.Request) { s.show(w, "page.html", p) })
	}
	mux.HandleFunc("GET /sitemap.txt", func(w http.ResponseWriter, _ *http.Request) {
		for _, at := range slices.Sorted(maps.Keys(s.pages)) {
			fmt.Fprintln(w, s.pages[at].URL)
		}
	})
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(s.static)))
	mux.HandleFunc("GET /-/live", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	return mux
}

// show executes a template before anything is sent, so that a fault in it is an error and not half a page.
func (s *site) show(w http.ResponseWriter, view string, data any) {
	var body bytes.Buffer
	if err := s.views.ExecuteTemplate(&body, view, data); err != nil {
		slog.Error("executing a template", "template", view, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = body.WriteTo(w) // a client that went away is no fault of ours
}
