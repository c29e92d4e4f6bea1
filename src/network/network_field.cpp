namespace cortifold {}
