//! Finds operations that refer to each other in circles.

/// The number of the strongly connected component of each node, by Tarjan's algorithm. Its time is linear in nodes and
/// edges, and it does not recurse, so a long chain of references cannot overflow the stack.
///
/// # Panics
/// If an edge leads to a node that does not exist.
#[expect(
    clippy::indexing_slicing,
    reason = "every node is below the number of nodes, which all lists have as their length"
)]
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const UNSEEN: usize = usize::MAX;
    let mut order = vec![UNSEEN; edges.len()];
    let mut low = vec![0; edges.len()];
    let mut component = vec![UNSEEN; edges.len()];
    let (mut count, mut found) = (0, 0);
    let mut open: Vec<usize> = Vec::new();
    for start in 0..edges.len() {
        if order[start] != UNSEEN {
            continue;
        }
        // The path from `start`: each node, and how many of its edges were followed.
        let mut way = vec![(start, 0)];
        while let Some((node, followed)) = way.pop() {
            if followed == 0 {
                order[node] = count;
                low[node] = count;
                count += 1;
                open.push(node);
            }
            if let Some(&next) = edges[node].get(followed) {
                way.push((node, followed + 1));
                if order[next] == UNSEEN {
                    way.push((next, 0));
                } else if component[next] == UNSEEN {
                    let lowest = low[node].min(order[next]);
                    low[node] = lowest;
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = open.pop() {
                    component[member] = found;
                    if member == node {
                        break;
                    }
                }
                found += 1;
            }
            if let Some(&(before, _)) = way.last() {
                let lowest = low[before].min(low[node]);
                low[before] = lowest;
            }
        }
    }
    component
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn circles_are_found() {
        let of = |edges: &[&[usize]]| components(&edges.iter().map(|edges| edges.to_vec()).collect::<Vec<_>>());
        let a = of(&[&[1], &[2], &[0, 3], &[4], &[], &[5], &[0]]);
        assert_eq!((a[0], a[1]), (a[1], a[2]));
        assert_eq!(a.iter().collect::<std::collections::HashSet<_>>().len(), 5);
        // Two circles that share a node are one component.
        let b = of(&[&[1], &[0, 2], &[1]]);
        assert_eq!((b[0], b[1]), (b[1], b[2]));
        let long: Vec<Vec<usize>> = (0..200_000).map(|at| vec![at + 1]).chain([Vec::new()]).collect();
        assert_eq!(components(&long).iter().collect::<std::collections::HashSet<_>>().len(), 200_001);
    }
}
