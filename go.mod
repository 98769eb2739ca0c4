module github.com/widget-futures/widget-futures

go 1.26

// npm packages may carry .go files of their own; they are not ours to build.
ignore (
	./build
	./web/dist
	./web/node_modules
)

require (
	github.com/google/uuid v1.6.0
	github.com/norunners/vert v0.0.0-20221203075838-106a353d42dd
)
