#!/usr/bin/env bash
# Puts @tensorflow/tfjs-node into a folder of peers (VITSCALE_PEERS) where its install script cannot fetch libtensorflow: the native
# part is compiled from the package's own source, against the libtensorflow that PyPI's tensorflow-cpu brings.
#
#   packages/bench/peers/tfjs-node.sh FOLDER [PYTHON]
#
# Needs g++, the headers of Node and a Python with pip. Linux on x64 alone. FEATURES.md was measured with such a one.
set -euo pipefail

if [ $# -lt 1 ]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
mkdir -p "$1"
folder=$(cd "$1" && pwd)
python=${2:-python3}
version=4.22.0
tensorflow=2.13.1

headers=${NODE_HEADERS:-$(dirname "$(dirname "$(command -v node)")")/include/node}
if [ ! -f "$headers/node_api.h" ]; then
  echo "there is no node_api.h in $headers; set NODE_HEADERS to the folder that has it" >&2
  exit 1
fi

npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node@$version"
"$python" -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.10 --dest "$folder" "tensorflow-cpu==$tensorflow"
"$python" -m zipfile -e "$folder"/tensorflow_cpu-"$tensorflow"-*.whl "$folder/libtensorflow"

package=$folder/node_modules/@tensorflow/tfjs-node
library=$folder/libtensorflow/tensorflow
mkdir -p "$package/lib/napi-v8"
g++ -O2 -std=c++17 -shared -fPIC -DNAPI_VERSION=8 -DBUILDING_NODE_EXTENSION \
  -I"$headers" -I"$library/include" -I"$package/.." "$package"/binding/tfjs_b*.cc \
  -L"$library" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 -Wl,-rpath,"$library" \
  -o "$package/lib/napi-v8/tfjs_binding.node"
cd "$folder"
node -e 'const tf = require("@tensorflow/tfjs-node"); console.log(`tfjs-node ${tf.version["tfjs-core"]} on libtensorflow ${tf.backend().binding.TF_Version}`)'
