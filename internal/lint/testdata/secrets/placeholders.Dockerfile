FROM scratch
ENV sa_password="_" admin_password=***
# want: secrets/sa_password
ENV sa_password=Password_123
# want: secrets/COMPOSER_AUTH secrets/API_TOKEN
ARG COMPOSER_AUTH='{}' API_TOKEN=
ARG ADMIN_PASSWORD_FILE=
