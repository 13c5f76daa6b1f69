module example.com/stagecraft/examples/go-sqlite

go 1.26.0

require example.com/stagecraft/examples/libs/shop v0.0.0

require github.com/mattn/go-sqlite3 v1.14.53

replace example.com/stagecraft/examples/libs/shop => ../libs/shop
