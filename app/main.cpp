// One binary: what it does is its first argument.
#include "config/settings.hpp"
#include "serve/serve.hpp"

int main() {
    return restpoint::serve({});
}
