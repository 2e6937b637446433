# docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/promline:0.1.0 --push .
#
# Everything beyond FROM, COPY, USER and CMD is scripts/image-root.sh, which the tests run too.

FROM node:26-trixie-slim@sha256:930557a230abacbc3f4fd9b8648abf8f4bee1e17cb72195dcdfb2f709bc85b33 AS build
COPY . /promline
RUN /promline/scripts/image-root.sh /root-of-image

FROM node:26-trixie-slim@sha256:930557a230abacbc3f4fd9b8648abf8f4bee1e17cb72195dcdfb2f709bc85b33
COPY --from=build /root-of-image/ /
USER 65532:65532
CMD ["/usr/local/bin/promline", "run", "--conf-dir", "/etc/promline/conf.d"]
