package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/widget-futures/widget-futures/web/homeserver"
)

// addresses are the three flags.
type addresses struct{ host, widget, homeserver string }

// demo is everything that runs.
type demo struct {
	config     config
	homeserver *homeserver.Server
	servers    []*http.Server
	failed     chan error // a listener that died by itself
}

// start opens the listeners, furnishes the homeserver, which keeps a journal unless its path is "", and serves.
func start(at addresses, dir, journal string) (*demo, error) {
	if err := checkPages(dir); err != nil {
		return nil, err
	}
	d := &demo{failed: make(chan error, 1)}
	var opened []net.Listener
	fail := func(err error) (*demo, error) {
		for _, listener := range opened {
			listener.Close()
		}
		return nil, err
	}
	open := func(flag, address, fallback string) (string, []net.Listener, error) {
		listeners, err := listen(flag, address, fallback)
		if err != nil {
			return "", nil, err
		}
		opened = append(opened, listeners...)
		return "http://" + listeners[0].Addr().String() + "/", listeners, nil
	}
	var host, widget, matrix []net.Listener
	var err error
	if d.config.Host, host, err = open("-host", at.host, defaultHost); err != nil {
		return fail(err)
	}
	if d.config.Widget, widget, err = open("-widget", at.widget, defaultWidget); err != nil {
		return fail(err)
	}
	if d.config.Homeserver, matrix, err = open("-homeserver", at.homeserver, defaultHomeserver); err != nil {
		return fail(err)
	}
	options := homeserver.Options{ServerName: "demo.localhost"}
	if journal == "" {
		d.homeserver = homeserver.New(options)
	} else if d.homeserver, err = homeserver.Open(journal, options); err != nil {
		return fail(fmt.Errorf("-journal: %w", err))
	}
	if err := furnish(d.homeserver, &d.config); err != nil {
		d.homeserver.Close()
		return fail(err)
	}
	d.serve(host, hostPages(dir, d.config, d.homeserver.AdminHandler()))
	d.serve(widget, widgetPages(dir, d.config))
	for i, listener := range matrix {
		matrix[i] = homeserver.Listener(listener)
	}
	d.serve(matrix, d.homeserver)
	return d, nil
}

// listen opens an address, and beside 127.0.0.1 the same port of [::1] where it can: a browser may try that first for "localhost".
// The default port gives way to a free one when somebody has it; a port that was asked for does not.
func listen(flag, address, fallback string) ([]net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%s must be host:port, not %q", flag, address)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s must be a loopback address such as %s, not %q: the demo hands out access tokens", flag, fallback, address)
	}
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) && address == fallback {
		listener, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return nil, fmt.Errorf("%s %s cannot be served: %w", flag, address, err)
	}
	listeners := []net.Listener{listener}
	if port := listener.Addr().(*net.TCPAddr).Port; host == "127.0.0.1" || host == "localhost" {
		if six, err := net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(port))); err == nil {
			listeners = append(listeners, six)
		}
	}
	return listeners, nil
}

func (d *demo) serve(listeners []net.Listener, handler http.Handler) {
	server := &http.Server{Handler: onlyLoopback(handler), ReadHeaderTimeout: 10 * time.Second}
	d.servers = append(d.servers, server)
	for _, listener := range listeners {
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				select {
				case d.failed <- err:
				default:
				}
			}
		}()
	}
}

// onlyLoopback refuses requests under another host's name: a page elsewhere whose name was made to resolve to 127.0.0.1 would
// otherwise be same-origin with /config.json and its tokens.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			name = r.Host
		}
		if ip := net.ParseIP(name); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "This demo answers on loopback names only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// close ends the homeserver first, and with it the streams that would keep its listener from ending.
func (d *demo) close() {
	d.homeserver.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, server := range d.servers {
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
	}
}
