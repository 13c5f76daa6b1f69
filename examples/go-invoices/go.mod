module example.com/stagecraft/examples/go-invoices

go 1.26.0

require example.com/stagecraft/examples/libs/shop v0.0.0

replace example.com/stagecraft/examples/libs/shop => ../libs/shop
