package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// widgetCSP is the one line the README tells a widget's owner to send. Serving it here has every browser test prove it: wasm needs
// 'wasm-unsafe-eval' and nothing more, the keepAlive clock a worker.
const widgetCSP = scriptCSP + "; worker-src 'self' blob:"

// scriptCSP is what a page gets that asks for ?csp=no-worker: the default for workers is script-src, which has no blob: in it.
const scriptCSP = "script-src 'self' 'wasm-unsafe-eval'"

// mediaTypes does not ask the machine: application/wasm is what streaming compilation insists on.
var mediaTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".ico":  "image/x-icon",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".map":  "application/json",
	".mjs":  "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".wasm": "application/wasm",
}

const indexPage = "index.html"

// checkPages fails early where there is nothing to show.
func checkPages(dir string) error {
	for _, origin := range []string{"host", "widget"} {
		page := filepath.Join(dir, origin, indexPage)
		if info, err := os.Stat(page); err != nil || info.IsDir() {
			return fmt.Errorf("there is no %s: run `make run`, which builds the pages first", page)
		}
	}
	return nil
}

// adminPath is where the host origin lets the homeserver's faults be switched; the widget origin has no such path.
const adminPath = "/homeserver"

func hostPages(dir string, c config, admin http.Handler) http.Handler {
	next := pages(filepath.Join(dir, "host"), c)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == adminPath {
			w.Header().Set("Cache-Control", "no-cache")
			admin.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func widgetPages(dir string, c config) http.Handler {
	next := pages(filepath.Join(dir, "widget"), c.forWidget())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		policy := widgetCSP
		if r.URL.Query().Get("csp") == "no-worker" {
			policy = scriptCSP
		}
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

// pages serves one origin: /config.json, and the files of a directory.
func pages(dir string, c config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
			return
		}
		wait, err := delay(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return
		}
		if r.URL.Path == "/config.json" {
			w.Header().Set("Content-Type", mediaTypes[".json"])
			json.NewEncoder(w).Encode(c) // a page that went away needs no answer
			return
		}
		serveFile(w, r, dir)
	})
}

const maxDelay = 10 * time.Second

// delay reads ?delay=ms, with which a test has a file arrive late.
func delay(r *http.Request) (time.Duration, error) {
	text := r.URL.Query().Get("delay")
	if text == "" {
		return 0, nil
	}
	ms, err := strconv.ParseInt(text, 10, 32)
	if err != nil || ms < 0 {
		return 0, errors.New("delay must be a whole number of milliseconds from 0 to 10000")
	}
	return min(time.Duration(ms)*time.Millisecond, maxDelay), nil
}

// serveFile opens the directory anew each time, so that a rebuild shows at the next reload, and never leaves it.
func serveFile(w http.ResponseWriter, r *http.Request, dir string) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, indexPage)
	}
	file, err := os.OpenInRoot(dir, filepath.FromSlash(name))
	if err != nil {
		notFound(w, err)
		return
	}
	if packed, err := os.OpenInRoot(dir, filepath.FromSlash(name)+".br"); err == nil {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "br") {
			w.Header().Set("Content-Encoding", "br")
			file, packed = packed, file
		}
		packed.Close()
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		notFound(w, fs.ErrNotExist)
		return
	}
	kind := mediaTypes[path.Ext(name)]
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	http.ServeContent(w, r, name, time.Time{}, file) // no date: two builds within one second must not look alike
}

func notFound(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrPermission) {
		http.Error(w, "This file may not be read.", http.StatusForbidden)
		return
	}
	http.Error(w, "There is no such file.", http.StatusNotFound)
}
