module example.com/stagecraft/examples/go-sqlite

go 1.26.0

require example.com/stagecraft/libs/go v0.0.0

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/mattn/go-sqlite3 v1.14.53
)

replace example.com/stagecraft/libs/go => ../../libs/go
