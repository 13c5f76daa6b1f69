# want: supported/php_7.4_has
FROM php:7.4-cli
