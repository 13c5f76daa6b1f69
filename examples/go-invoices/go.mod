module example.com/stagecraft/examples/go-invoices

go 1.26.0

require (
	example.com/stagecraft/examples/libs/shop v0.0.0
	example.com/stagecraft/libs/go v0.0.0
	github.com/go-chi/chi/v5 v5.5.0
)

replace (
	example.com/stagecraft/examples/libs/shop => ../libs/shop
	example.com/stagecraft/libs/go => ../../libs/go
)
