"""A whole term: times with days and weeks, rooms by list, travel, students who choose courses, and rules on sets of classes."""
