// Demo serves widget-futures on loopback: the host pages from one origin, the widget pages from another, and a homeserver
// with a user alice, a moderator and one room they are both in. `make run` builds the pages and starts it; browser tests start it
// with -announce and read from one line where everything is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo: "+err.Error())
		os.Exit(1)
	}
}

const (
	defaultHost       = "127.0.0.1:8080"
	defaultWidget     = "127.0.0.1:8081"
	defaultHomeserver = "127.0.0.1:8008"
)

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	host := flags.String("host", defaultHost, "loopback address of the host pages; port 0 is any free one")
	widget := flags.String("widget", defaultWidget, "loopback address of the widget pages; port 0 is any free one")
	homeserver := flags.String("homeserver", defaultHomeserver, "loopback address of the homeserver; port 0 is any free one")
	dir := flags.String("dir", "build/web", "directory with the built pages, in host/ and widget/")
	journal := flags.String("journal", "", "`file` the homeserver keeps its users, rooms and everything scheduled in, for the next start; made if missing (default: in memory, gone when this stops)")
	announce := flags.Bool("announce", false, "print one line of JSON that says where everything is, and serve until stdin closes")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := start(addresses{host: *host, widget: *widget, homeserver: *homeserver}, *dir, *journal)
	if err != nil {
		return err
	}
	defer d.close()

	if *announce {
		line, err := json.Marshal(d.config)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s\n", line)
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		go func() {
			io.Copy(io.Discard, stdin) // until it closes, however that ends
			cancel()
		}()
	} else {
		keeps := "in memory, gone when this stops"
		if *journal != "" {
			keeps = "kept in " + *journal
		}
		fmt.Fprintf(stdout, "widget-futures demo\n"+
			"  host page    %s\n"+
			"  widget page  %s  (another origin, shown in the host's iframe)\n"+
			"  homeserver   %s  (%s)\n"+
			"Ctrl-C stops it. Open:\n%s\n", d.config.Host, d.config.Widget, d.config.Homeserver, keeps, d.config.Host)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.failed:
		return err
	}
}
