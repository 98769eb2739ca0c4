module github.com/widget-futures/widget-futures

go 1.26

// npm packages may carry .go files of their own; they are not ours to build.
ignore (
	./web/node_modules
	./web/dist
	./build
)
