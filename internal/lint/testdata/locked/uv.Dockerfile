FROM python AS build
RUN uv export --format requirements-txt -o r.txt && uv pip install --index https://example.com/simple --requirement r.txt
# want: locked/uv_pip_install
RUN uv pip install --index https://example.com/simple --requirement r.txt
