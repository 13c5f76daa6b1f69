# The base's CMD starts it.
FROM php:8.3-apache
COPY . /var/www/html
# want: copy-only/the_only_stage_has_1_RUN
RUN chown -R www-data:www-data /var/www/html
