#!/usr/bin/env bash
# Runs a command on ranks of MPI that are each in a network namespace of their own, as if on hosts of their own, over TCP.
#
#   sudo scripts/mpi-namespaces.sh mpich|openmpi RANKS RATE COMMAND...
#   sudo scripts/mpi-namespaces.sh openmpi 2 1gbit node program.js
#
# RATE is what each namespace may send (tc-tbf), or `none`. Needs root, iproute2 and the MPI; leaves nothing behind.
set -euo pipefail

if [ $# -lt 4 ]; then
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
family=$1 ranks=$2 rate=$3
shift 3

prefix=vs$$
# All interfaces have one name, because the libraries are told it once for all ranks.
link=link0
work=$(mktemp -d)
cleanup() {
  for ((i = 1; i <= ranks; i++)); do ip netns del "$prefix-$i" 2>/dev/null || true; done
  ip netns del "$prefix-hub" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# A bridge in a namespace of its own, so that nothing of the machine's network changes.
ip netns add "$prefix-hub"
ip -n "$prefix-hub" link add bridge0 type bridge
ip -n "$prefix-hub" link set bridge0 up
hosts=()
for ((i = 1; i <= ranks; i++)); do
  space=$prefix-$i
  ip netns add "$space"
  ip -n "$space" link add "$link" type veth peer name "port$i" netns "$prefix-hub"
  ip -n "$prefix-hub" link set "port$i" master bridge0 up
  ip -n "$space" addr add "10.88.0.$i/24" dev "$link"
  ip -n "$space" link set lo up
  ip -n "$space" link set "$link" up
  if [ "$rate" != none ]; then
    ip netns exec "$space" tc qdisc add dev "$link" root tbf rate "$rate" burst 256k latency 100ms
  fi
  hosts+=("10.88.0.$i")
done
# A bridge forwards, and libraries see a device, only when it has been up for a moment.
sleep 2

# Launchers reach other hosts by ssh; this stands in for it: drops ssh's options, and enters the host's namespace.
cat >"$work/ssh" <<END
#!/usr/bin/env bash
while [[ \$1 == -* ]]; do shift; done
space=$prefix-\${1##*.}
shift
exec ip netns exec "\$space" bash -c "\$*"
END
chmod +x "$work/ssh"

list=$(IFS=,; echo "${hosts[*]}")
case $family in
  mpich)
    # Without these, large messages cross TCP at half of its rate (docs/mpi.md).
    ucx=(UCX_TLS=tcp,self "UCX_NET_DEVICES=$link" UCX_RNDV_THRESH=inf UCX_TCP_TX_SEG_SIZE=256k UCX_TCP_RX_SEG_SIZE=1m)
    launcher=(env "${ucx[@]}" mpiexec.hydra -iface "$link" -launcher ssh
      -launcher-exec "$work/ssh" -hosts "$list" -ppn 1)
    ;;
  openmpi)
    # Its daemons share a map of the cores at one address, and the second on a machine sometimes dies of that: none need it.
    # And without asking first, large messages cross both ways at a time (docs/mpi.md).
    eager=(--mca btl_tcp_eager_limit 16777216 --mca btl_tcp_max_send_size 16777216)
    launcher=(mpirun.openmpi --allow-run-as-root --bind-to none --mca rtc ^hwloc "${eager[@]}" --mca plm_rsh_agent "$work/ssh" --mca pml ob1
      --mca btl tcp,self --mca btl_tcp_if_include 10.88.0.0/24 --mca oob_tcp_if_include 10.88.0.0/24 -H "$list")
    ;;
  *)
    echo "\"$family\" is no MPI that is known here; give mpich or openmpi" >&2
    exit 2
    ;;
esac
ip netns exec "$prefix-1" "${launcher[@]}" -n "$ranks" "$@"
